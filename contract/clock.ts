/** Time as an argument, so that tests can give their own. */

/** A timer that was set; opaque to whoever set it. */
export interface Timer {
  /** Forgets the timer; harmless when it has already run. */
  cancel(): void;
}

/** The two clocks and the timers. */
export interface Clock {
  /** Wall clock, ms since 1970; may jump. For times that are shown or compared with an upstream's. */
  now(): number;
  /** Monotonic clock, ms from an arbitrary start; never jumps. For durations and deadlines. */
  monotonic(): number;
  /** Calls `run` once, `delayMs` from now on the monotonic clock. */
  after(delayMs: number, run: () => void): Timer;
}

/** Longest delay a timer of the platform takes (2^31 − 1 ms); a longer one would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    return { cancel: () => clearTimeout(handle) };
  },
};
