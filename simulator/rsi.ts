/** Wilder's relative strength index, as TAAPI computes it: the last close is the running price. */

/** TAAPI's default period. */
export const RSI_PERIOD = 14;

/**
 * RSI of the last close.
 * @param closes oldest first; at least `period + 1`
 * @returns 0 … 100, `null` with too few closes; 100 when nothing ever fell
 */
export function rsi(closes: readonly number[], period = RSI_PERIOD): number | null {
  if (closes.length <= period) return null;
  let gain = 0;
  let loss = 0;
  for (let i = 1; i < closes.length; i++) {
    const change = (closes[i] ?? 0) - (closes[i - 1] ?? 0);
    // The first averages are plain means of `period` changes; later ones give the past a weight of `period − 1`.
    const past = i <= period ? 1 : (period - 1) / period;
    gain = gain * past + Math.max(change, 0) / period;
    loss = loss * past + Math.max(-change, 0) / period;
  }
  return loss === 0 ? 100 : 100 - 100 / (1 + gain / loss);
}
