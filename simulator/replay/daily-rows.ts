/** Whether recorded candles are daily ones, whoever's they are. */

import { DAY_MS, startOfDay } from '../candles.ts';

/**
 * A day may be missing, but neighbours are a day apart, and nothing opens within one.
 * @param opensMs when each candle opened, oldest first
 */
export function areDaily(opensMs: readonly number[]): boolean {
  const steps = opensMs.slice(1).map((open, i) => open - (opensMs[i] ?? 0));
  return steps.includes(DAY_MS) && steps.every((step) => step > 0 && step % DAY_MS === 0);
}

/** How far candles are moved, ms: by whole days, so that the newest is today's and still open. */
export const toToday = (newestOpenMs: number, nowMs: number): number =>
  startOfDay(nowMs) - startOfDay(newestOpenMs);
