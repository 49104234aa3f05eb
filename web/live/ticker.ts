/** The one timer behind every age on the page. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../contract/index.ts';

const SECOND_MS = 1000;
/** Ages below this count seconds. */
export const SECONDS_UNTIL_MS = 60 * SECOND_MS;
/** Ages above it count minutes: four looks a minute are never far off. */
const SLOW_MS = 15 * SECOND_MS;
/** Just after the turn of a second, so that rounding down shows the new one. */
const PAST_THE_TURN_MS = 5;

/** Whether anybody can see the page. */
export interface Visibility {
  isHidden(): boolean;
  /** Calls `listener` after every change; the result stops that. */
  onChange(listener: () => void): () => void;
}

/** What decides when the ages are next looked at. */
export interface Deadlines {
  /** The newest time that an age on the page counts from, ms since 1970; `null` without one. */
  readonly newestMs: number | null;
  /** When the next figure turns stale, ms since 1970; `null` when none will. */
  readonly nextStaleMs: number | null;
}

/** See {@link createTicker}. */
export interface Ticker {
  /** The server's time at the last tick, ms since 1970; `null` before the first, when no age is shown. */
  readonly nowMs: ReadonlySignal<number | null>;
  /** Ticks now, and from here on in time. */
  tick(): void;
  /** The deadlines may be others now: sets the timer anew, without a tick. Nothing before the first tick. */
  retime(): void;
  close(): void;
}

/** How long to wait for the next tick: to the turn of a second below a minute, else 15 s, and no stale figure is missed. */
export function nextTickMs(nowMs: number, { newestMs, nextStaleMs }: Deadlines): number {
  const counts = newestMs !== null && nowMs - newestMs < SECONDS_UNTIL_MS;
  const regularMs = counts ? SECOND_MS - (nowMs % SECOND_MS) + PAST_THE_TURN_MS : SLOW_MS;
  if (nextStaleMs === null || nextStaleMs < nowMs) return regularMs;
  return Math.min(regularMs, nextStaleMs - nowMs + PAST_THE_TURN_MS);
}

/** The timer stops while the page is hidden and ticks at once when it is shown again. */
export function createTicker(
  deps: { readonly clock: Clock; readonly visibility: Visibility },
  options: { readonly nowMs: () => number; readonly deadlines: () => Deadlines },
): Ticker {
  const nowMs = signal<number | null>(null);
  let timer: Timer | null = null;
  let closed = false;

  const setTimer = () => {
    timer?.cancel();
    timer = null;
    if (closed || deps.visibility.isHidden()) return;
    timer = deps.clock.after(nextTickMs(options.nowMs(), options.deadlines()), tick);
  };
  const tick = () => {
    if (closed) return;
    nowMs.value = options.nowMs();
    setTimer();
  };
  const isTicking = () => nowMs.peek() !== null;
  const stopWatching = deps.visibility.onChange(() => {
    if (isTicking()) tick();
  });

  return {
    nowMs,
    tick,
    retime() {
      if (isTicking()) setTimer();
    },
    close() {
      closed = true;
      timer?.cancel();
      stopWatching();
    },
  };
}
