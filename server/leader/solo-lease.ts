/** The lease of a node that is alone: always to be had. */

import type { Clock } from '../../contract/index.ts';
import { type Lease, type LeaseEvent, nextEpoch } from './lease.ts';

/** What a solo lease is made of. */
export interface SoloLeaseDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** The highest epoch this node knows of: held, or in its store. */
  readonly highestEpoch: () => number;
}

/** A lease that is gained at `start()` and lost only by `close()`. */
export function createSoloLease({ clock, random, highestEpoch }: SoloLeaseDeps): Lease {
  const listeners = new Set<(event: LeaseEvent) => void>();
  let isHeld = false;
  let lastEpoch = 0;

  const tell = (event: LeaseEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  const gain = () => {
    lastEpoch = nextEpoch(Math.max(lastEpoch, highestEpoch()), clock.now(), random());
    isHeld = true;
    tell({ type: 'gained', epoch: lastEpoch, stored: null });
  };
  const lose = () => {
    if (!isHeld) return;
    isHeld = false;
    tell({ type: 'lost' });
  };

  return {
    isHeld: () => isHeld,
    start() {
      if (!isHeld) gain();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    renewTerm() {
      lose();
      gain();
    },
    async close() {
      lose();
      listeners.clear();
    },
  };
}
