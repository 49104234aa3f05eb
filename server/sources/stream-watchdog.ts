/** Notices that a connection has gone silent: exchanges keep connections open for hours on which nothing more comes. */

import type { Clock, Timer } from '../../contract/index.ts';

/** A watch over one connection. */
export interface Watchdog {
  /** Something came. Costs one look at the clock. */
  heard(): void;
  close(): void;
}

/** A look that comes later than this, ms, comes from a process that stood still. */
const LATE_MS = 100;
/** What came while the process stood still is read within this time, ms; then silence is silence. */
export const EXCUSE_MS = 1000;

/**
 * Counts from now. There is one timer, whatever the number of frames: it looks when the last of them was.
 * @param silent called once, `limitMs` after the last that was heard
 */
export function createWatchdog(clock: Clock, limitMs: number, silent: () => void): Watchdog {
  let heardAtMs = clock.monotonic();
  let isExcused = false;

  const look = (dueAtMs: number): void => {
    const nowMs = clock.monotonic();
    const leftMs = heardAtMs + limitMs - nowMs;
    if (leftMs > 0) {
      timer = lookIn(leftMs);
    } else if (nowMs - dueAtMs > LATE_MS && !isExcused) {
      isExcused = true;
      timer = lookIn(EXCUSE_MS);
    } else {
      silent();
    }
  };
  const lookIn = (delayMs: number): Timer => {
    const dueAtMs = clock.monotonic() + delayMs;
    return clock.after(delayMs, () => look(dueAtMs));
  };

  let timer = lookIn(limitMs);
  return {
    heard() {
      heardAtMs = clock.monotonic();
      isExcused = false;
    },
    close: () => timer.cancel(),
  };
}
