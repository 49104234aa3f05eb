/** Pure maths over closes. The relative strength index as J. Welles Wilder defined it. */

/** Wilder's own period, in candles. */
export const RSI_PERIOD = 14;

/** Shown when the closes did not move at all: neither side is stronger. */
const FLAT_RSI = 50;

/** Wilder's averages after some closes: all that later closes need to know of them. */
export interface WilderAverages {
  readonly period: number;
  /** How many closes there were. */
  readonly closes: number;
  /** `null` before the first. */
  readonly lastClose: number | null;
  readonly averageGain: number;
  readonly averageLoss: number;
}

/** @param period changes that are averaged, a whole number ≥ 1 */
export const noAverages = (period: number = RSI_PERIOD): WilderAverages => ({
  period,
  closes: 0,
  lastClose: null,
  averageGain: 0,
  averageLoss: 0,
});

/**
 * The averages after one close more. The first ones are the plain means of the first `period` gains and losses; each
 * later change weighs 1/period.
 */
export function withClose(averages: WilderAverages, close: number): WilderAverages {
  const { period, closes, lastClose, averageGain, averageLoss } = averages;
  const change = lastClose === null ? 0 : close - lastClose;
  const weighed = (average: number, current: number) =>
    closes <= period ? average + current / period : (average * (period - 1) + current) / period;
  return {
    period,
    closes: closes + 1,
    lastClose: close,
    averageGain: weighed(averageGain, Math.max(change, 0)),
    averageLoss: weighed(averageLoss, Math.max(-change, 0)),
  };
}

/**
 * The RSI of the last close.
 *
 * Definitions differ on a series that never moves: 100, 0 and 50 are all in use. Here it is 50, for a market without
 * gains and without losses is neither overbought nor oversold.
 *
 * @returns 0 … 100, not rounded; `null` with fewer than `period + 1` closes or when a close was not finite
 */
export function rsiOf({ period, closes, averageGain, averageLoss }: WilderAverages): number | null {
  if (closes < period + 1) return null;
  if (averageGain === 0 && averageLoss === 0) return FLAT_RSI;
  // The same as 100 − 100 / (1 + gain / loss), without its division by zero.
  const value = 100 * (averageGain / (averageGain + averageLoss));
  return Number.isFinite(value) ? value : null;
}

/**
 * Wilder's RSI of the last of `closes`.
 * @param closes oldest first; the last one may be the running price. 100 closes agree with the whole history to 0.1
 * @param period changes that are averaged, a whole number ≥ 1
 * @returns as {@link rsiOf}
 */
export const rsi = (closes: readonly number[], period: number = RSI_PERIOD): number | null =>
  rsiOf(closes.reduce(withClose, noAverages(period)));
