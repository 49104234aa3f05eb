/** A follower's way to the lease: tries at the end of the other's, at once when it is free, and again after errors. */

import type { Clock, Timer } from '../../contract/index.ts';
import {
  type AcquireAnswer,
  type LeaseRequest,
  NoAnswerError,
  type RedisSteps,
} from '../redis/steps.ts';
import { createPatience, type Patience } from './patience.ts';
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
  taken(answer: Taken, sentAtMs: number): Promise<void> | void;
  /** A try that had been given up took the lease, which nobody uses: it is to be released. Never throws. */
  takenLate(answer: Taken): void;
}

type Taken = AcquireAnswer & { readonly taken: true };

/** The pursuit of the lease. */
export interface Pursuit {
  /** Tries now, and from then on until it is taken. Does nothing after `stop()`. */
  begin(): void;
  /**
   * The lease was given up, or a connection stands and it may be free: tries as soon as it may, if a pursuit is under
   * way. Who stands back counts anew from a lease given up; a connection puts no try off. That a connection stands does
   * not show that Redis answers, so after a try without an answer it is no news.
   */
  hurry(news: 'free' | 'connected'): void;
  /** Leaves the lease to others for `forMs`: tries only two seconds after it became free. */
  standBack(forMs: number): void;
  /** Ends it for good. Resolves when no answer is outstanding; one that takes the lease is still told. */
  stop(): Promise<void>;
}

/** Longest wait for another's lease to end: one that somebody wrote or removed by hand is noticed after this. */
const LOOK_AGAIN_MS = 10_000;
/** However often the lease is said to be free, Redis is asked no more often than this. */
const TRY_SPACING_MS = 200;
/** A term begins with a round: refused saves, however many, must not become a storm on the upstreams. */
const TERM_SPACING_MS = 1000;

/** @see Pursuit */
export function createPursuit(deps: PursuitDeps, duties: PursuitDuties): Pursuit {
  const { clock, random, log } = deps;
  const patience = createPatience(clock, random);
  let isUnderWay = false;
  let isStopped = false;
  let trying: Promise<void> | null = null;
  /** Something happened while a try was under way: its answer may be out of date. */
  let isNews = false;
  let failures = 0;
  /** Said that another node leads; once for each pursuit. */
  let isTold = false;

  const run = () => {
    if (!isUnderWay || trying !== null) return;
    trying = tryOnce();
  };
  const tryOnce = async () => {
    const sentAtMs = clock.monotonic();
    patience.space(TRY_SPACING_MS);
    isNews = false;
    const answer = await ask(deps, duties, patience, late);
    trying = null;
    failures = answer === null ? failures + 1 : 0;
    if (answer?.taken) {
      isUnderWay = false;
      patience.endAll();
      patience.space(TERM_SPACING_MS);
      await duties.taken(answer, sentAtMs);
    } else if (isUnderWay) {
      if (answer !== null) tellOnce();
      plan(waitMs(answer));
    }
  };
  const next = createNextTry(clock, patience, run);
  const { plan } = next;
  const tellOnce = () => {
    if (!isTold) log.info({}, 'following: another node leads');
    isTold = true;
  };
  const late = (answer: AcquireAnswer) => {
    // A later try that is under way or has the lease may count on what this one would give back.
    if (!answer.taken || !isUnderWay || trying !== null) return;
    duties.takenLate(answer);
    hurry('free');
  };
  const waitMs = (answer: (AcquireAnswer & { taken: false }) | null): number => {
    if (isNews) return patience.afterFreeMs();
    if (answer === null) return retryDelayMs(failures, random);
    return Math.min(answer.remainingMs, LOOK_AGAIN_MS) + patience.afterFreeMs();
  };
  const hurry = (news: 'free' | 'connected') => {
    if (!isUnderWay) return;
    if (news === 'free') patience.endDoubt();
    isNews = true;
    // A connection that comes and goes must not put a try off for ever; a lease given up begins the others' turn.
    if (news === 'free') plan(patience.afterFreeMs(0));
    else next.planSooner(patience.afterFreeMs(0));
  };

  return {
    begin() {
      if (isStopped) return;
      isUnderWay = true;
      isTold = false;
      plan(patience.afterFreeMs(0));
    },
    hurry,
    standBack: patience.standBack,
    async stop() {
      isStopped = true;
      isUnderWay = false;
      next.cancel();
      await trying;
    },
  };
}

/** When the next try is made: one at a time, and none before patience allows it. */
function createNextTry(clock: Clock, patience: Patience, run: () => void) {
  let timer: Timer | null = null;
  /** On the monotonic clock; infinite while none is planned. */
  let dueAtMs = Number.POSITIVE_INFINITY;
  const plan = (delayMs: number) => {
    const waitMs = patience.atLeast(delayMs);
    timer?.cancel();
    dueAtMs = clock.monotonic() + waitMs;
    timer = clock.after(waitMs, () => {
      dueAtMs = Number.POSITIVE_INFINITY;
      run();
    });
  };
  return {
    plan,
    planSooner: (delayMs: number) => plan(Math.min(delayMs, dueAtMs - clock.monotonic())),
    cancel: () => timer?.cancel(),
  };
}

/** @returns `null` when there was no answer, or an error */
async function ask(
  { steps, log }: PursuitDeps,
  duties: PursuitDuties,
  patience: Patience,
  late: (answer: AcquireAnswer) => void,
): Promise<AcquireAnswer | null> {
  try {
    const request = duties.request();
    return await steps.acquire(request, late).catch((err) => {
      if (err instanceof NoAnswerError) patience.doubt(request.ttlMs);
      throw err;
    });
  } catch (err) {
    // That Redis is away is said once, by whoever keeps the connection.
    log.debug({ err }, 'could not try for the lease');
    return null;
  }
}
