/** A clock that stands still until a test moves it. */

import type { Clock } from './clock.ts';

/** A {@link Clock} with hands. */
export interface ManualClock extends Clock {
  /** Moves both clocks on by `ms`, running due timers in order, each at its own moment. */
  advance(ms: number): void;
  /** As `advance`, and lets promises settle after every timer. */
  advanceAsync(ms: number): Promise<void>;
  /** Makes the wall clock jump; the monotonic clock and the timers do not notice. */
  setWall(ms: number): void;
  /** How many timers are waiting. */
  pending(): number;
}

/** Rounds of the microtask queue that `advanceAsync` grants after each timer. */
const SETTLE_TURNS = 50;

/** @param startMs the wall clock's first reading, ms since 1970 */
export function createManualClock(startMs = Date.UTC(2026, 10, 23, 7, 0, 0)): ManualClock {
  let monotonic = 0;
  let wallOffset = startMs;
  /** In the order in which they are due; of those due together, the one that was set first. */
  const timers: { readonly at: number; readonly run: () => void }[] = [];

  const takeDue = (until: number) => {
    const [due] = timers;
    if (due === undefined || due.at > until) return null;
    timers.shift();
    monotonic = Math.max(monotonic, due.at);
    return due;
  };
  const settle = async () => {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) await Promise.resolve();
  };

  return {
    now: () => wallOffset + monotonic,
    monotonic: () => monotonic,
    after(delayMs, run) {
      const timer = { at: monotonic + Math.max(0, delayMs), run };
      timers.splice(timers.findLastIndex(({ at }) => at <= timer.at) + 1, 0, timer);
      return {
        cancel() {
          const index = timers.indexOf(timer);
          if (index >= 0) timers.splice(index, 1);
        },
      };
    },
    advance(ms) {
      const until = monotonic + ms;
      for (let due = takeDue(until); due; due = takeDue(until)) due.run();
      monotonic = until;
    },
    async advanceAsync(ms) {
      const until = monotonic + ms;
      await settle();
      for (let due = takeDue(until); due; due = takeDue(until)) {
        due.run();
        await settle();
      }
      monotonic = until;
      await settle();
    },
    setWall(ms) {
      wallOffset = ms - monotonic;
    },
    pending: () => timers.length,
  };
}
