/** The lease that nodes share through Redis: one leads, the others follow and take over when its lease ends. */

import { type Clock, MIN_EPOCH } from '../../contract/index.ts';
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
import { createPursuit, type Pursuit } from './pursuit.ts';
import { createTenure, type Tenure, type TenureEnd } from './tenure.ts';

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
/**
 * Who was not answered in time lets the others go first for so many lives of the lease: its steps may go on being
 * executed without its knowing, and the next term would end as the last one did.
 */
const LIVES_AFTER_LATE = 2;
const LATE = 'the lease was not renewed in time';
const NOT_LEADER = 'the lease or the term is not this node’s any more';
const NOT_RELEASED = 'the lease was not given up';

/** A lease in Redis; see the duties on {@link Lease}. */
export function createRedisLease(
  deps: RedisLeaseDeps,
  { ttlMs, freeMessage }: RedisLeaseOptions,
): Lease {
  const { log } = deps;
  const listeners = createLeaseListeners();
  let tenure: Tenure | null = null;
  let highestOwn = 0;
  let isClosed = false;

  const release = (epoch: number) => releaseLease(deps, epoch, freeMessage);
  const gain = ({ epoch, stored }: AcquireAnswer & { taken: true }, sentAtMs: number) => {
    highestOwn = epoch;
    const taken = createTenure(deps, { epoch, ttlMs, sentAtMs, over });
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
  const over = (end: TenureEnd) =>
    end === 'late' ? giveUp(LIVES_AFTER_LATE * ttlMs, LATE) : beginAnew(NOT_LEADER);
  const pursuit = createPursuit(deps, {
    request: () => leaseRequest(deps, ttlMs, highestOwn),
    taken: (answer, sentAtMs) => (isClosed ? release(answer.epoch) : gain(answer, sentAtMs)),
    takenLate: ({ epoch }) => void release(epoch),
  });
  const leave = onNews(deps, pursuit);

  return {
    isHeld: () => tenure?.isHeld() ?? false,
    start() {
      if (tenure === null) pursuit.begin();
    },
    subscribe: listeners.subscribe,
    renewTerm: () => beginAnew('a save was refused, or somebody else writes in this term'),
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

/** One that fails costs the others the rest of the lease, and no more. */
const releaseLease = ({ steps, log }: RedisLeaseDeps, epoch: number, message: string) =>
  steps.release(epoch, message).catch((err) => log.warn({ err }, NOT_RELEASED));

/** When the lease may be free. @returns a function that ends it */
function onNews({ presence, broker }: RedisLeaseDeps, { hurry }: Pursuit): () => void {
  const leaves = [
    presence.onConnected(() => hurry('connected')),
    broker.subscribe(({ type }) => {
      if (type === 'lease_free') hurry('free');
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
  nowMs: Math.max(clock.now(), MIN_EPOCH),
  seenEpoch: Math.max(highestOwn, highestEpoch()),
  addition: 1 + Math.floor(random() * (EPOCH_JITTER + 1)),
});
