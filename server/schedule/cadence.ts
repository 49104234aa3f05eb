/** The beat of the rounds: one interval after another on the monotonic clock, unless one is tried early. */

import type { Clock, Timer } from '../../contract/index.ts';

/** The cadence of one schedule. */
export interface Cadence {
  /** @param firstAfterMs from now to the first beat; 0 = now, before this returns */
  start(firstAfterMs: number): void;
  /** Brings the next beat forward to `waitMs` from now, if that is sooner; the cadence goes on from there. */
  hasten(waitMs: number): void;
  /** The first beat at or after a moment of the monotonic clock, in ms since 1970; `null` before `start()`. */
  beatAfterMs(monotonicMs: number): number | null;
  close(): void;
}

/** @param beat called at every beat; must not throw */
export function createCadence(clock: Clock, intervalMs: number, beat: () => void): Cadence {
  let timer: Timer | null = null;
  /** When the next beat is due, on the monotonic clock; `null` before `start()`. */
  let dueAtMs: number | null = null;

  const arm = (atMs: number) => {
    timer?.cancel();
    dueAtMs = atMs;
    timer = clock.after(atMs - clock.monotonic(), tick);
  };
  const tick = () => {
    const now = clock.monotonic();
    const begun = dueAtMs ?? now;
    // Beats that a sleeping machine has missed are not made up for. A timer may also fire a little early.
    const missed = Math.max(0, Math.floor((now - begun) / intervalMs));
    arm(begun + (missed + 1) * intervalMs);
    beat();
  };

  return {
    start(firstAfterMs) {
      if (timer !== null) return;
      if (firstAfterMs > 0) arm(clock.monotonic() + firstAfterMs);
      else tick();
    },
    hasten(waitMs) {
      const atMs = clock.monotonic() + waitMs;
      if (dueAtMs !== null && atMs < dueAtMs) arm(atMs);
    },
    beatAfterMs(monotonicMs) {
      if (dueAtMs === null) return null;
      const skipped = Math.max(0, Math.ceil((monotonicMs - dueAtMs) / intervalMs));
      return clock.now() + dueAtMs + skipped * intervalMs - clock.monotonic();
    },
    close: () => timer?.cancel(),
  };
}
