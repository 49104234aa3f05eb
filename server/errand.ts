/** Something that is asked for outside of rounds until there is an answer, or nobody needs one any more. */

import type { Clock, Timer } from '../contract/index.ts';
import type { RoundResult } from './schedule/schedule.ts';

/** What an errand is made of. */
export interface ErrandDeps {
  readonly clock: Clock;
  /** Asks now; `failed` also when nothing may be asked now. */
  readonly ask: () => Promise<RoundResult>;
  readonly isNeeded: () => boolean;
}

/** One errand, run as often as there is a reason. */
export interface Errand {
  /** There is a reason: at once, or as soon as the last answer is old enough. */
  run(): void;
  close(): void;
}

/** From a failure to the next try: half of the time within which what a living source can give is to be shown. */
export const ERRAND_RETRY_MS = 5000;
/** Twice as long after every further failure but the first, up to this, ms: long outages are for the rounds. */
export const MAX_ERRAND_RETRY_MS = 60_000;
/** From an answer to the next try: five a minute, as the narrowest upstream allows, however often reasons come. */
export const ERRAND_SPACING_MS = 12_000;

/** @see Errand */
export function createErrand({ clock, ask, isNeeded }: ErrandDeps): Errand {
  let timer: Timer | null = null;
  let isUnderWay = false;
  let hasReason = false;
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  let failures = 0;

  const goIn = (waitMs: number) => {
    timer?.cancel();
    timer = clock.after(waitMs, () => {
      timer = null;
      if (isNeeded()) void go();
    });
  };
  const go = async () => {
    isUnderWay = true;
    hasReason = false;
    const result = await ask();
    isUnderWay = false;
    if (isClosed) return;
    if (result === 'failed') {
      goIn(Math.min(ERRAND_RETRY_MS * 2 ** Math.max(0, failures - 1), MAX_ERRAND_RETRY_MS));
      failures += 1;
    } else {
      failures = 0;
      answeredAtMs = clock.monotonic();
      if (hasReason) goIn(ERRAND_SPACING_MS);
    }
  };
  return {
    run() {
      hasReason = true;
      if (isClosed || isUnderWay) return;
      const waitMs = answeredAtMs + ERRAND_SPACING_MS - clock.monotonic();
      // Whoever waits for another try gets it now: what has changed may be what it waits for.
      if (waitMs > 0) goIn(waitMs);
      else {
        timer?.cancel();
        timer = null;
        void go();
      }
    },
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}
