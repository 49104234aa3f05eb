/** How long to wait before an exchange is connected to again: longer with every failure, as long as asked, never often. */

import type { Clock, ErrorCode, SourceId } from '../../contract/index.ts';
import type { StreamFailure } from './stream-end.ts';

/** Remembers the attempts of one exchange's streams, from one term to the next. Counts on the monotonic clock. */
export interface StreamBackoff {
  /** Takes note of an attempt, right before it. */
  attempted(): void;
  /** A connection was good: the next wait is short again. */
  proven(): void;
  /**
   * How long to wait from now, whole ms; each call counts as another failure.
   * @param failure why; `null` when the old connection still holds and a new one is to take its place
   */
  waitMs(failure: Pick<StreamFailure, 'code' | 'askedMs'> | null): number;
  /** The same wait once more, of somebody who was not allowed to connect when it was over. */
  sameWaitMs(): number;
  /** What a stream that is opened now has to wait for. */
  left(): WaitLeft;
}

/** What is left of a wait. */
export interface WaitLeft {
  /** 0 = connect at once. */
  readonly waitMs: number;
  /** What the wait is for; `null` when nothing is known to be wrong. */
  readonly failure: TimedFailure | null;
}

/** A failure, and when it was. */
export interface TimedFailure {
  readonly code: ErrorCode;
  /** Wall clock, ms since 1970. */
  readonly atMs: number;
}

/** Where the pauses of "too many" are kept beyond the process: they hold for its address. */
export interface StreamPauses {
  /** How much longer an exchange is not to be connected to, ms. */
  leftMs(source: SourceId): number;
  keep(source: SourceId, forMs: number): void;
}

/** What a backoff is made of. */
export interface StreamBackoffDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly pauses: StreamPauses;
}

/** The longest first wait, ms; doubled with each failure. */
const BASE_MS = 1000;
/** The longest wait grows no further, ms: live prices are to be back soon after their exchange is. */
export const CAP_MS = 30_000;
/** No wait is shorter, ms: a server that closes at once is not hammered, however the dice fall. */
const FLOOR_MS = 250;
/** Doublings until the cap is passed. */
const MAX_DOUBLINGS = 5;

/** Binance bans whoever connects 300 times in five minutes; a few servers may stand behind one address. */
export const MAX_ATTEMPTS = 40;
/** See {@link MAX_ATTEMPTS}. */
export const ATTEMPTS_WINDOW_MS = 5 * 60_000;

/** Wait after a "too many" that names no time: the exchanges count per second up to five minutes. */
const RATE_LIMITED_PAUSE_MS = 60_000;
/** Wait after a refusal (401, 403, 451), as for polled routes: it does not heal by asking again. */
const BLOCKED_PAUSE_MS = 30 * 60_000;
/** Pauses are longer by up to this part, so that many servers do not come back at one moment. */
const PAUSE_JITTER = 0.1;

/** @see StreamBackoff */
export function createStreamBackoff(
  { clock, random, pauses }: StreamBackoffDeps,
  source: SourceId,
): StreamBackoff {
  let failures = 0;
  let waitUntilMs = Number.NEGATIVE_INFINITY;
  let waitsFor: TimedFailure | null = null;
  /** When the newest attempts were, oldest first. */
  const attempts: number[] = [];

  const jitteredMs = (doublings: number): number =>
    Math.round(FLOOR_MS + random() * (Math.min(CAP_MS, BASE_MS * 2 ** doublings) - FLOOR_MS));

  const untilWindowMs = (): number => {
    const [first] = attempts;
    if (first === undefined || attempts.length < MAX_ATTEMPTS) return 0;
    return Math.ceil(first + ATTEMPTS_WINDOW_MS - clock.monotonic());
  };

  return {
    attempted() {
      attempts.push(clock.monotonic());
      if (attempts.length > MAX_ATTEMPTS) attempts.shift();
    },
    proven() {
      failures = 0;
    },
    waitMs(failure) {
      const delayMs = jitteredMs(failures);
      failures = Math.min(failures + 1, MAX_DOUBLINGS);
      const askedMs = failure === null ? 0 : pauseMsOf(failure);
      const pauseMs = Math.round(askedMs * (1 + PAUSE_JITTER * random()));
      const waitMs = Math.max(delayMs, pauseMs, untilWindowMs());
      if (failure?.code === 'rate_limited') pauses.keep(source, pauseMs);
      waitUntilMs = clock.monotonic() + waitMs;
      waitsFor = failure === null ? null : { code: failure.code, atMs: clock.now() };
      return waitMs;
    },
    sameWaitMs: () => jitteredMs(Math.max(0, failures - 1)),
    left() {
      const ownMs = Math.max(0, Math.ceil(waitUntilMs - clock.monotonic()));
      const keptMs = Math.ceil(pauses.leftMs(source));
      const waitMs = Math.max(ownMs, keptMs, untilWindowMs());
      // Another process has met it, before this one or on another node.
      if (keptMs > ownMs) {
        return { waitMs, failure: { code: 'rate_limited', atMs: clock.now() } };
      }
      return { waitMs, failure: ownMs > 0 ? waitsFor : null };
    },
  };
}

function pauseMsOf({ code, askedMs }: Pick<StreamFailure, 'code' | 'askedMs'>): number {
  if (code === 'blocked') return BLOCKED_PAUSE_MS;
  return askedMs ?? (code === 'rate_limited' ? RATE_LIMITED_PAUSE_MS : 0);
}
