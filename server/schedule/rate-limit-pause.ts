/** How long to wait after "too many requests" that names no time. */

import type { Clock } from '../../contract/index.ts';

/** The pauses of one upstream. */
export interface RateLimitPause {
  /** It was answered once more; how long to wait from now, ms. */
  nextMs(): number;
  /** A call succeeded: the next pause is the first again. */
  succeeded(): void;
}

/** The first one: the limits in use are counted per minute. */
export const RATE_LIMITED_PAUSE_MS = 60_000;
/** Each one after is twice as long up to this: a month's quota that is used up answers so for days. */
export const MAX_RATE_LIMITED_PAUSE_MS = 30 * 60_000;

/** @see RateLimitPause */
export function createRateLimitPause(clock: Clock): RateLimitPause {
  let waitMs = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  return {
    nextMs() {
      const nowMs = clock.monotonic();
      // Calls that were made together are refused together: that is one pause.
      if (nowMs >= untilMs) {
        waitMs = Math.min(Math.max(RATE_LIMITED_PAUSE_MS, 2 * waitMs), MAX_RATE_LIMITED_PAUSE_MS);
        untilMs = nowMs + waitMs;
      }
      return untilMs - nowMs;
    },
    succeeded() {
      waitMs = 0;
      untilMs = Number.NEGATIVE_INFINITY;
    },
  };
}
