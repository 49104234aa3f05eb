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
    error(fields: object, message: string): void;
  };
  /** The highest epoch this node knows of. */
  readonly highestEpoch: () => number;
  /** The document in what was stored; `null` when it cannot be read. Never throws. */
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

/** Who could not begin its term lets the others go first for so long: they may be of another version. */
const FAILED_TERM_MS = 60_000;
const NOT_RELEASED = 'the lease was not given up';

/** A lease in Redis; see the duties on {@link Lease}. */
export function createRedisLease(deps: RedisLeaseDeps, options: RedisLeaseOptions): Lease {
  const { steps, log } = deps;
  const { ttlMs } = options;
  const listeners = createLeaseListeners();
  let tenure: Tenure | null = null;
  let highestOwn = 0;
  let isClosed = false;

  /** One that fails costs the others the rest of the lease, and no more. */
  const release = (epoch: number) =>
    steps.release(epoch, options.freeMessage).catch((err) => log.warn({ err }, NOT_RELEASED));
  const gain = ({ epoch, stored }: AcquireAnswer & { taken: true }, sentAtMs: number) => {
    highestOwn = epoch;
    const taken = createTenure(deps, { epoch, ttlMs, sentAtMs, over: beginAnew });
    if (!taken.isHeld()) {
      // The process stood still while the answer was on its way.
      taken.end();
      return pursuit.begin();
    }
    tenure = taken;
    log.info({ epoch }, 'leading');
    const inherited = stored === null ? null : deps.readStored(stored);
    const hasBegun = succeeds(log, () =>
      listeners.tell({ type: 'gained', epoch, stored: inherited, nodes: 1 }),
    );
    // Nobody else can lead while this node holds the lease and does nothing.
    if (!hasBegun) giveUp(FAILED_TERM_MS, 'the term did not begin');
  };
  const lose = (why: string) => {
    if (tenure === null) return;
    const { epoch } = tenure;
    tenure.end();
    tenure = null;
    log.info({ epoch, why }, 'no longer leading');
    succeeds(log, () => listeners.tell({ type: 'lost' }));
  };
  const beginAnew = (why: string) => {
    if (tenure === null) return;
    lose(why);
    pursuit.begin();
  };
  const giveUp = (forMs: number, why: string) => {
    if (tenure === null) return;
    const { epoch } = tenure;
    pursuit.standBack(forMs);
    lose(why);
    void release(epoch);
    pursuit.begin();
  };
  const pursuit = createPursuit(deps, {
    request: () => leaseRequest(deps, ttlMs, highestOwn),
    taken: (answer, sentAtMs) => (isClosed ? release(answer.epoch) : gain(answer, sentAtMs)),
  });
  const leave = onNews(deps, pursuit.hurry);

  return {
    isHeld: () => tenure?.isHeld() ?? false,
    start() {
      if (tenure === null) pursuit.begin();
    },
    subscribe: listeners.subscribe,
    renewTerm: () => beginAnew('a save was refused'),
    standBack: (forMs) => giveUp(forMs, 'standing back for nodes that may be answered'),
    async close() {
      isClosed = true;
      leave();
      const held = tenure;
      const stopped = pursuit.stop();
      lose('stopping');
      listeners.clear();
      if (held !== null) await release(held.epoch);
      await stopped;
    },
  };
}

/** When the lease may be free. @returns a function that ends it */
function onNews({ presence, broker }: RedisLeaseDeps, listener: () => void): () => void {
  const leaves = [
    presence.onConnected(listener),
    broker.subscribe(({ type }) => {
      if (type === 'lease_free') listener();
    }),
  ];
  return () => {
    for (const leave of leaves) leave();
  };
}

/** What listeners throw is a mistake of theirs: the lease goes on, so that somebody leads. */
function succeeds(log: RedisLeaseDeps['log'], run: () => void): boolean {
  try {
    run();
    return true;
  } catch (err) {
    log.error({ err }, 'a listener of the lease failed');
    return false;
  }
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
