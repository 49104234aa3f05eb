/** Leaves an upstream alone that does not answer, and finds out with one call whether it does again. */

import type { Clock } from '../../contract/index.ts';

/**
 * The breaker of one upstream. It opens after {@link FAILURES_BEFORE_OPEN} failures in a row. When it has been open for
 * its time, one call is made as a probe: if that fails too, it opens for twice as long.
 */
export interface Breaker {
  /** From when on the upstream may be called, on the monotonic clock; 0 while it is closed. */
  allowedAtMs(): number;
  /** It has opened and was not closed since: the next call is a probe, and the only one. */
  needsProbe(): boolean;
  /** A call succeeded. */
  succeeded(): void;
  /** None of a round's calls succeeded. */
  failed(): void;
  /** The probe did not succeed. */
  probeFailed(): void;
}

/** A burst of trouble is over by then; five rounds in a row are an outage. */
export const FAILURES_BEFORE_OPEN = 5;
/** First time it stays open: short, since most outages are. */
export const FIRST_OPEN_MS = 15_000;
/** Later ones are no longer than this: as often as rounds are by default. */
export const MAX_OPEN_MS = 5 * 60_000;

/** @param random in [0, 1): spreads the probes of many nodes over the second half of the time */
export function createBreaker(clock: Clock, random: () => number): Breaker {
  let failures = 0;
  /** How often it has opened since it was last closed. */
  let openings = 0;
  let openUntilMs = 0;

  const open = () => {
    const openMs = Math.min(FIRST_OPEN_MS * 2 ** openings, MAX_OPEN_MS);
    openings += 1;
    openUntilMs = clock.monotonic() + openMs * (0.5 + 0.5 * random());
  };
  return {
    allowedAtMs: () => openUntilMs,
    needsProbe: () => openings > 0,
    succeeded() {
      failures = 0;
      openings = 0;
      openUntilMs = 0;
    },
    failed() {
      failures += 1;
      if (openings === 0 && failures >= FAILURES_BEFORE_OPEN) open();
    },
    probeFailed: open,
  };
}
