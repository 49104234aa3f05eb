/** The broker of a node that is alone: the newest document in memory, told to the one process there is. */

import { type Clock, comparePositions, type DashboardDocument } from '../../contract/index.ts';
import type { Broker } from './broker.ts';
import type { Conditions } from './conditions.ts';
import { type BrokerLog, createHeldVersion } from './held-version.ts';
import { createRefreshInterval } from './refresh-interval.ts';

/** What a memory broker is made of. */
export interface MemoryBrokerDeps {
  readonly clock: Clock;
  readonly log: BrokerLog;
  readonly conditions: Conditions;
}

/** How a memory broker is set up. */
export interface MemoryBrokerOptions {
  /** The document before any term. */
  readonly empty: DashboardDocument;
  /** Shortest time between two refresh rounds, ms. */
  readonly refreshMinIntervalMs: number;
}

/** A broker without anything behind it; see the duties on {@link Broker}. */
export function createMemoryBroker(deps: MemoryBrokerDeps, options: MemoryBrokerOptions): Broker {
  const { clock, log, conditions } = deps;
  const held = createHeldVersion(options.empty, log);
  const leaveConditions = conditions.subscribe(() =>
    held.tell({ type: 'conditions', conditions: conditions.list() }),
  );
  const interval = createRefreshInterval(clock, options.refreshMinIntervalMs);
  let isClosed = false;

  return {
    held: held.get,
    subscribe: held.subscribe,
    async publish(version) {
      if (isClosed) throw new Error('the broker is closed');
      if (comparePositions(version, held.get()) <= 0) return 'behind';
      held.take({ ...version, json: JSON.stringify(version.document) });
      return 'ok';
    },
    async heartbeat({ epoch, seq }) {
      held.tell({ type: 'heartbeat', position: { epoch, seq }, nodes: 1 });
    },
    claimRefresh: async () => interval.claim(),
    async wantRefresh() {
      held.tell({ type: 'refresh_wanted' });
    },
    roundStarted: async () => interval.start(),
    async endRound({ epoch, seq }, outcome) {
      held.tell({ type: 'round_ended', position: { epoch, seq }, outcome });
    },
    conditions: conditions.list,
    async close() {
      isClosed = true;
      leaveConditions();
      held.close();
    },
  };
}
