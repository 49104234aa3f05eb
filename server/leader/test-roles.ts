/** The roles of one node, with a Redis that a test steers. */

import { NO_POSITION } from '../../contract/index.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import type { BrokerEvent } from '../broker/broker.ts';
import { createTestBroker } from '../broker/test-broker.ts';
import {
  type AcquireAnswer,
  type KeyForm,
  NoAnswerError,
  STEP_TIMEOUT_MS,
  type StoredJson,
} from '../redis/steps.ts';
import { createRedisLease } from './redis-lease.ts';
import { createRoles } from './roles.ts';
import { createSoloLease } from './solo-lease.ts';
import { createErrorLog } from './test-questions.ts';

/**
 * What it does with a step: answers it, as one whose lease another node holds, answers with an error, or says nothing
 * until the deadline.
 */
export type Redis = 'answers' | 'led' | 'refuses' | 'silent';

/** How much longer another node's lease lives, ms. */
const REMAINING_MS = 8000;

/** A Redis that gives the lease to whoever asks, unless it is led. */
function createSteeredRedis(clock: ManualClock, first: Redis) {
  const counts = { acquire: 0, trying: 0, raise: 0 };
  const raised: StoredJson[] = [];
  let redis = first;
  let answeredAtMs = clock.monotonic();
  let term = 0;
  const step = async <T>(answer: T): Promise<T> => {
    if (redis === 'refuses') throw new Error('READONLY');
    if (redis === 'silent') {
      await new Promise<void>((resolve) => clock.after(STEP_TIMEOUT_MS, resolve));
      throw new NoAnswerError();
    }
    answeredAtMs = clock.monotonic();
    return answer;
  };
  const steps = {
    acquire() {
      counts.acquire++;
      counts.trying++;
      term = Math.max(term, clock.now()) + 1;
      const answer: AcquireAnswer =
        redis === 'led'
          ? { taken: false, remainingMs: REMAINING_MS }
          : { taken: true, epoch: term, stored: null };
      return step(answer).finally(() => {
        counts.trying--;
      });
    },
    renew: () => step<KeyForm | 'not_leader'>({ ...NO_POSITION, type: 'none', bytes: 0 }),
    release: () => step(undefined),
    raise(version: StoredJson) {
      counts.raise++;
      raised.push(version);
      return step(undefined);
    },
  };
  const setRedis = (next: Redis) => {
    redis = next;
  };
  return { steps, counts, raised, setRedis, answeredAtMs: () => answeredAtMs };
}

/** Listeners that a test can count. */
function createAudience<T extends readonly unknown[]>() {
  const all = new Set<(...args: T) => void>();
  return {
    join(listener: (...args: T) => void) {
      all.add(listener);
      return () => void all.delete(listener);
    },
    tell(...args: T) {
      for (const listener of [...all]) listener(...args);
    },
    count: () => all.size,
  };
}

/** The roles, and in `happened` what became of them, in order. */
export function takeRoles(options: { redis?: Redis; random?: number; ttlMs?: number } = {}) {
  const clock = createManualClock();
  const { steps, answeredAtMs, ...redis } = createSteeredRedis(clock, options.redis ?? 'answers');
  const broker = createTestBroker(clock);
  const heard = createAudience<[BrokerEvent]>();
  const connected = createAudience<[]>();
  const random = () => options.random ?? 0;
  const presence = { answeredAtMs, onConnected: connected.join };
  const own = { held: broker.held, subscribe: heard.join };
  const deps = { steps, presence, broker: own, clock, random, log: createErrorLog() };
  const seen: number[] = [];
  const happened: string[] = [];
  const roles = createRoles({
    ...deps,
    shared(seenEpoch) {
      seen.push(seenEpoch);
      happened.push('shared');
      const rest = { highestEpoch: () => seenEpoch, readStored: () => null, noteKey: () => {} };
      return createRedisLease(
        { ...deps, ...rest },
        { ttlMs: options.ttlMs ?? 5000, freeMessage: 'free' },
      );
    },
    solo(seenEpoch, nodes) {
      seen.push(seenEpoch);
      return createSoloLease({ clock, random, highestEpoch: () => seenEpoch, nodes });
    },
    setSolo: (isSolo) => void happened.push(isSolo ? 'solo' : 'not solo'),
  });
  const epochs: number[] = [];
  const nodes: number[] = [];
  roles.subscribe((event) => {
    happened.push(event.type);
    if (event.type !== 'gained') return;
    epochs.push(event.epoch);
    nodes.push(event.nodes);
  });
  return {
    ...{ ...redis, clock, broker, roles, happened, epochs, nodes, seen },
    hear: heard.tell,
    async connect() {
      connected.tell();
      await clock.advanceAsync(0);
    },
    listeners: () => connected.count() + heard.count(),
  };
}
