/** A follower's way to the lease: tries at the end of the other's, at once when it is free, and again after errors. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { AcquireAnswer, LeaseRequest, RedisSteps } from '../redis/steps.ts';
import { retryDelayMs } from './retry-delay.ts';

/** What a pursuit is made of. */
export interface PursuitDeps {
  readonly steps: Pick<RedisSteps, 'acquire'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: {
    debug(fields: object, message: string): void;
    info(fields: object, message: string): void;
  };
}

/** Where a pursuit leads. */
export interface PursuitDuties {
  /** What is asked for, made anew for every try. */
  request(): LeaseRequest;
  /**
   * Never throws or rejects.
   * @param sentAtMs when the try was sent, on the monotonic clock: the lease counts from there at the earliest
   * @returns a promise when there is something to wait for before the pursuit has come to its end
   */
  taken(answer: AcquireAnswer & { readonly taken: true }, sentAtMs: number): Promise<void> | void;
}

/** The pursuit of the lease. */
export interface Pursuit {
  /** Tries now, and from then on until it is taken. Does nothing after `stop()`. */
  begin(): void;
  /** The lease may be free: tries sooner than planned, if a pursuit is under way. */
  hurry(): void;
  /** Leaves the lease to others for `forMs`: tries only two seconds after it became free. */
  standBack(forMs: number): void;
  /** Ends it for good. Resolves when no answer is outstanding; one that takes the lease is still told. */
  stop(): Promise<void>;
}

/** Followers try at the lease's end, spread over this, so that most find it taken by the first. */
const FOLLOW_SPREAD_MS = 200;
/** Who stands back leaves a free lease to others for so long. */
const STAND_BACK_MS = 2000;
/** Longest wait for another's lease to end: one that somebody wrote or removed by hand is noticed after this. */
const LOOK_AGAIN_MS = 10_000;
/** However often the lease is said to be free, Redis is asked no more often than this. */
const TRY_SPACING_MS = 200;
/** A term begins with a round: refused saves, however many, must not become a storm on the upstreams. */
const TERM_SPACING_MS = 1000;

/** @see Pursuit */
export function createPursuit(deps: PursuitDeps, duties: PursuitDuties): Pursuit {
  const { steps, clock, random, log } = deps;
  let isUnderWay = false;
  let isStopped = false;
  let trying: Promise<void> | null = null;
  /** Something happened while a try was under way: its answer may be out of date. */
  let isNews = false;
  let failures = 0;
  /** Said that another node leads; once for each pursuit. */
  let isTold = false;
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  let standingBackUntilMs = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;

  const plan = (delayMs: number) => {
    timer?.cancel();
    timer = clock.after(Math.max(delayMs, notBeforeMs - clock.monotonic()), run);
  };
  const run = () => {
    if (!isUnderWay || trying !== null) return;
    trying = tryOnce();
  };
  const tryOnce = async () => {
    const sentAtMs = clock.monotonic();
    notBeforeMs = sentAtMs + TRY_SPACING_MS;
    isNews = false;
    const answer = await ask().catch((err) => {
      // That Redis is away is said once, by whoever keeps the connection.
      log.debug({ err, failures }, 'could not try for the lease');
      return null;
    });
    trying = null;
    failures = answer === null ? failures + 1 : 0;
    if (answer?.taken) {
      isUnderWay = false;
      standingBackUntilMs = Number.NEGATIVE_INFINITY;
      notBeforeMs = clock.monotonic() + TERM_SPACING_MS;
      await duties.taken(answer, sentAtMs);
    } else if (isUnderWay) {
      if (answer !== null) tellOnce();
      plan(waitMs(answer));
    }
  };
  const tellOnce = () => {
    if (!isTold) log.info({}, 'following: another node leads');
    isTold = true;
  };
  const ask = async () => steps.acquire(duties.request());
  const waitMs = (answer: (AcquireAnswer & { taken: false }) | null): number => {
    if (isNews) return patienceMs();
    if (answer === null) return retryDelayMs(failures, random);
    return Math.min(answer.remainingMs, LOOK_AGAIN_MS) + patienceMs();
  };
  const isStandingBack = () => clock.monotonic() < standingBackUntilMs;
  const patienceMs = () => (isStandingBack() ? STAND_BACK_MS : random() * FOLLOW_SPREAD_MS);

  return {
    begin() {
      if (isStopped) return;
      isUnderWay = true;
      isTold = false;
      plan(isStandingBack() ? STAND_BACK_MS : 0);
    },
    hurry() {
      if (!isUnderWay) return;
      isNews = true;
      plan(isStandingBack() ? STAND_BACK_MS : 0);
    },
    standBack(forMs) {
      standingBackUntilMs = clock.monotonic() + forMs;
    },
    async stop() {
      isStopped = true;
      isUnderWay = false;
      timer?.cancel();
      await trying;
    },
  };
}
