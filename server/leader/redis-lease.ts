/** The lease that nodes share through Redis: one leads, the others follow and take over when its lease ends. */

import type { Clock } from '../../contract/index.ts';
import type { Broker } from '../broker/broker.ts';
import type {
  AcquireAnswer,
  KeyForm,
  LeaseRequest,
  RedisPresence,
  RedisSteps,
  StoredJson,
} from '../redis/steps.ts';
import { EPOCH_JITTER, type Lease, type PositionedDocument } from './lease.ts';
import { createLeaseListeners } from './lease-listeners.ts';
import { createPursuit } from './pursuit.ts';
import { createTenure, type Tenure } from './tenure.ts';

/** What a shared lease is made of. */
export interface RedisLeaseDeps {
  readonly steps: Pick<RedisSteps, 'acquire' | 'renew' | 'release'>;
  readonly presence: Pick<RedisPresence, 'onConnected'>;
  /** Tells when a leader stood down. */
  readonly broker: Pick<Broker, 'subscribe'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: {
    debug(fields: object, message: string): void;
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
  /** The highest epoch this node knows of. */
  readonly highestEpoch: () => number;
  /** The document in what was stored; `null` when it cannot be read. */
  readonly readStored: (stored: StoredJson) => PositionedDocument | null;
  /** Told what every renewal found under the document's key. */
  readonly noteKey: (form: KeyForm) => void;
}

/** How a shared lease is set up. */
export interface RedisLeaseOptions {
  /** How long it lives in Redis without renewal, ms. */
  readonly ttlMs: number;
  /** What is published when it is given up. */
  readonly freeMessage: string;
}

/** A lease in Redis; see the duties on {@link Lease}. */
export function createRedisLease(deps: RedisLeaseDeps, options: RedisLeaseOptions): Lease {
  const { steps, presence, broker, log } = deps;
  const { ttlMs, freeMessage } = options;
  const listeners = createLeaseListeners();
  let tenure: Tenure | null = null;
  let highestOwn = 0;
  let isClosed = false;

  /** A release that fails costs the others the rest of the lease, and no more. */
  const release = () =>
    steps.release(freeMessage).catch((err) => log.warn({ err }, 'the lease was not given up'));

  const gain = ({ epoch, stored }: AcquireAnswer & { taken: true }, sentAtMs: number) => {
    highestOwn = epoch;
    const over = (why: string) => {
      lose(why);
      pursuit.begin();
    };
    const taken = createTenure(deps, { epoch, ttlMs, sentAtMs, over });
    if (!taken.isHeld()) {
      // The process stood still while the answer was on its way.
      taken.end();
      return pursuit.begin();
    }
    tenure = taken;
    log.info({ epoch }, 'leading');
    const inherited = stored === null ? null : deps.readStored(stored);
    listeners.tell({ type: 'gained', epoch, stored: inherited, nodes: 1 });
  };
  const lose = (why: string) => {
    if (tenure === null) return;
    const { epoch } = tenure;
    tenure.end();
    tenure = null;
    log.info({ epoch, why }, 'no longer leading');
    listeners.tell({ type: 'lost' });
  };
  const pursuit = createPursuit(deps, {
    request: () => leaseRequest(deps, ttlMs, highestOwn),
    taken: (answer, sentAtMs) => (isClosed ? void release() : gain(answer, sentAtMs)),
  });
  const leaves = [
    presence.onConnected(pursuit.hurry),
    broker.subscribe(({ type }) => {
      if (type === 'lease_free') pursuit.hurry();
    }),
  ];

  return {
    isHeld: () => tenure?.isHeld() ?? false,
    start: pursuit.begin,
    subscribe: listeners.subscribe,
    renewTerm() {
      if (isClosed) return;
      lose('a save was refused');
      pursuit.begin();
    },
    standBack(forMs) {
      if (tenure === null) return;
      pursuit.standBack(forMs);
      lose('standing back for nodes that may be answered');
      void release();
      pursuit.begin();
    },
    async close() {
      isClosed = true;
      for (const leave of leaves) leave();
      const wasHeld = tenure !== null;
      lose('stopping');
      listeners.clear();
      if (wasHeld) await release();
      await pursuit.stop();
    },
  };
}

const leaseRequest = (
  { clock, random, highestEpoch }: RedisLeaseDeps,
  ttlMs: number,
  highestOwn: number,
): LeaseRequest => ({
  ttlMs,
  nowMs: clock.now(),
  seenEpoch: Math.max(highestOwn, highestEpoch()),
  addition: 1 + Math.floor(random() * (EPOCH_JITTER + 1)),
});
