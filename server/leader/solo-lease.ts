/** The lease of a node that is alone: always to be had. */

import type { Clock } from '../../contract/index.ts';
import { type Lease, nextEpoch } from './lease.ts';
import { createLeaseListeners } from './lease-listeners.ts';

/** What a solo lease is made of. */
export interface SoloLeaseDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** The highest epoch this node knows of: held, or in its store. */
  readonly highestEpoch: () => number;
  /** How many nodes, this one included, are on their own in the same way. Default 1. */
  readonly nodes?: number;
}

/** A lease that is gained at `start()` and lost only by `close()`. */
export function createSoloLease({ clock, random, highestEpoch, nodes = 1 }: SoloLeaseDeps): Lease {
  const listeners = createLeaseListeners();
  let isHeld = false;
  let lastEpoch = 0;

  const gain = () => {
    lastEpoch = nextEpoch(Math.max(lastEpoch, highestEpoch()), clock.now(), random());
    isHeld = true;
    listeners.tell({ type: 'gained', epoch: lastEpoch, stored: null, nodes });
  };
  const lose = () => {
    if (!isHeld) return;
    isHeld = false;
    listeners.tell({ type: 'lost' });
  };

  return {
    isHeld: () => isHeld,
    start() {
      if (!isHeld) gain();
    },
    subscribe: listeners.subscribe,
    renewTerm() {
      if (!isHeld) return;
      lose();
      gain();
    },
    // There is nobody to go first.
    standBack() {},
    async close() {
      lose();
      listeners.clear();
    },
  };
}
