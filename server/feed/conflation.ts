/** When to flush: the first change after a quiet interval at once, then at most one flush per interval. */

import type { Clock, Timer } from '../../contract/index.ts';

/** Decides when changes are flushed. */
export interface Conflation {
  /** Something changed: flush now if the last flush was an interval ago, else when it will have been. */
  soon(): void;
  /** Something changed, and a flush of everything is near anyway: flush one interval from now at the latest. */
  later(): void;
  /** A flush happens now, whoever asked for it: none is due any more, and the interval counts from here. */
  flushed(): void;
  close(): void;
}

/** @param flush must call `flushed()` when it sent something */
export function createConflation(clock: Clock, intervalMs: number, flush: () => void): Conflation {
  let lastFlushAt = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;

  const forget = () => {
    timer?.cancel();
    timer = null;
  };
  const run = () => {
    forget();
    flush();
  };
  const within = (waitMs: number) => {
    if (timer !== null) return;
    if (waitMs <= 0) run();
    else timer = clock.after(waitMs, run);
  };

  return {
    soon: () => within(intervalMs - (clock.monotonic() - lastFlushAt)),
    later: () => within(intervalMs),
    flushed() {
      forget();
      lastFlushAt = clock.monotonic();
    },
    close: forget,
  };
}
