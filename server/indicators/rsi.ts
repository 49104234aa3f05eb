/** Pure maths over closes. The relative strength index as J. Welles Wilder defined it. */

/** Wilder's own period, in candles. */
export const RSI_PERIOD = 14;

/** Shown when the closes did not move at all: neither side is stronger. */
const FLAT_RSI = 50;

/**
 * Wilder's RSI of the last close. The first averages are the plain means of the first `period` gains and losses; each
 * later change weighs 1/period.
 *
 * Definitions differ on a series that never moves: 100, 0 and 50 are all in use. Here it is 50, for a market without
 * gains and without losses is neither overbought nor oversold.
 *
 * @param closes oldest first; the last one may be the running price. 100 closes agree with the whole history to 0.1
 * @param period changes that are averaged, a whole number ≥ 1
 * @returns 0 … 100, not rounded; `null` with fewer than `period + 1` closes or when a close is not finite
 */
export function rsi(closes: readonly number[], period: number = RSI_PERIOD): number | null {
  if (closes.length < period + 1) return null;
  let averageGain = 0;
  let averageLoss = 0;
  let previous: number | null = null;
  for (const [index, close] of closes.entries()) {
    const change = previous === null ? 0 : close - previous;
    const gain = Math.max(change, 0);
    const loss = Math.max(-change, 0);
    const isSeed = index <= period;
    averageGain = isSeed ? averageGain + gain / period : smooth(averageGain, gain, period);
    averageLoss = isSeed ? averageLoss + loss / period : smooth(averageLoss, loss, period);
    previous = close;
  }
  if (averageGain === 0 && averageLoss === 0) return FLAT_RSI;
  // The same as 100 − 100 / (1 + gain / loss), without its division by zero.
  const value = 100 * (averageGain / (averageGain + averageLoss));
  return Number.isFinite(value) ? value : null;
}

const smooth = (average: number, current: number, period: number): number =>
  (average * (period - 1) + current) / period;
