/** A Redis in memory that executes the steps of the lease, and the way there: slow, lossy, and late as a test wants it. */

import { type Clock, NO_POSITION, type Timer } from '../../contract/index.ts';
import {
  type AcquireAnswer,
  type KeyForm,
  type LeaseRequest,
  NoAnswerError,
  type RedisSteps,
  STEP_TIMEOUT_MS,
} from '../redis/steps.ts';

/** What becomes of one step. */
export interface Fate {
  /** Until it is executed, ms; `null`: never. May be later than its deadline. */
  readonly thereMs: number | null;
  /** From then until its answer is back, ms; `null`: the answer is lost. */
  readonly backMs: number | null;
}

/** A Redis that nodes share. */
export interface FakeRedis {
  /** The steps of one node. @param fate drawn anew for every step */
  stepsOf(
    token: string,
    clock: Clock,
    fate: () => Fate,
  ): Pick<RedisSteps, 'acquire' | 'renew' | 'release' | 'raise'>;
  /** Called when a lease was given up. @returns a function that ends it */
  onFree(listener: () => void): () => void;
  /** Whose the lease is. */
  holder(): string | null;
}

const FORM: KeyForm = { ...NO_POSITION, type: 'none', bytes: 0 };

/** @param clock Redis' own, and that of the way to it */
export function createFakeRedis(clock: Clock): FakeRedis {
  const listeners = new Set<() => void>();
  let lease: { readonly token: string; readonly untilMs: number } | null = null;
  let term = 0;

  const holder = () => (lease !== null && clock.monotonic() < lease.untilMs ? lease.token : null);
  const hold = (token: string, ttlMs: number) => {
    lease = { token, untilMs: clock.monotonic() + ttlMs };
  };
  const acquire = (token: string, request: LeaseRequest): AcquireAnswer => {
    const { ttlMs, nowMs, seenEpoch, addition } = request;
    if (lease !== null && holder() !== null && lease.token !== token) {
      return { taken: false, remainingMs: lease.untilMs - clock.monotonic() };
    }
    hold(token, ttlMs);
    term = Math.max(term, seenEpoch, nowMs) + addition;
    return { taken: true, epoch: term, stored: null };
  };
  const renew = (token: string, epoch: number, ttlMs: number) => {
    if (holder() !== token || term !== epoch) return 'not_leader';
    hold(token, ttlMs);
    return FORM;
  };
  const release = (token: string, epoch: number) => {
    if (holder() !== token || term !== epoch) return;
    lease = null;
    for (const listener of [...listeners]) listener();
  };

  return {
    holder,
    onFree(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stepsOf(token, nodeClock, fate) {
      const send = <T>(execute: () => T, late: (answer: T) => void = () => {}) =>
        sendStep(execute, fate(), { clock, nodeClock, late });
      return {
        acquire: (request, late) => send(() => acquire(token, request), late),
        renew: (epoch, ttlMs) => send(() => renew(token, epoch, ttlMs)),
        release: (epoch) => send(() => release(token, epoch)),
        raise: ({ epoch }) =>
          send(() => {
            term = Math.max(term, epoch);
          }),
      };
    },
  };
}

/** The deadline is the node's, everything else happens without it. */
function sendStep<T>(
  execute: () => T,
  { thereMs, backMs }: Fate,
  { clock, nodeClock, late }: { clock: Clock; nodeClock: Clock; late: (answer: T) => void },
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const deadline: Timer = nodeClock.after(STEP_TIMEOUT_MS, () => {
      isLate = true;
      reject(new NoAnswerError('no answer'));
    });
    if (thereMs === null) return;
    clock.after(thereMs, () => {
      const answer = execute();
      if (backMs === null) return;
      clock.after(backMs, () => {
        // Heard by the node when it runs.
        nodeClock.after(0, () => {
          deadline.cancel();
          if (isLate) late(answer);
          else resolve(answer);
        });
      });
    });
  });
}
