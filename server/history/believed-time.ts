/** What time it is for whoever deletes: a clock that has jumped is not believed at once. */

import type { Clock } from '../../contract/index.ts';

/** As far as a clock may be from where it should be, ms: drift, and a machine that slept. */
const MAX_JUMP_MS = 3_600_000;
/** After so long, ms, it is the clock that is right: what is over by then must not pile up for ever. */
const MAX_DOUBT_MS = 24 * 3_600_000;

/** Between these it is now, ms since 1970; they differ while the clock is in doubt. */
export interface TimeBounds {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** Tells the time by the clock, and by how much has passed since that was last believed. */
export interface BelievedTime {
  now(): TimeBounds;
}

/**
 * Many small machines start with a clock that is years behind until they reach a time server; others are put wrong while
 * they run. Both pass.
 * @param startMs what time it must be about, ms since 1970: that of the newest thing known; `null` when nothing is
 */
export function createBelievedTime(
  clock: Pick<Clock, 'now' | 'monotonic'>,
  startMs: number | null,
): BelievedTime {
  let believedMs = startMs ?? clock.now();
  let atMonotonicMs = clock.monotonic();
  let doubtedSinceMs: number | null = null;
  return {
    now() {
      const [clockMs, monotonicMs] = [clock.now(), clock.monotonic()];
      const expectedMs = believedMs + monotonicMs - atMonotonicMs;
      const isDoubtful = Math.abs(clockMs - expectedMs) > MAX_JUMP_MS;
      if (isDoubtful) doubtedSinceMs ??= monotonicMs;
      else doubtedSinceMs = null;
      if (doubtedSinceMs !== null && monotonicMs - doubtedSinceMs < MAX_DOUBT_MS) {
        return {
          earliestMs: Math.min(clockMs, expectedMs),
          latestMs: Math.max(clockMs, expectedMs),
        };
      }
      believedMs = clockMs;
      atMonotonicMs = monotonicMs;
      doubtedSinceMs = null;
      return { earliestMs: clockMs, latestMs: clockMs };
    },
  };
}
