/** Makes longer candles of shorter ones. */

import { type Candle, toVolume, untraded } from '../candles.ts';

/** Open of the first, close of the last, the extremes of all, their volumes together. @param next opens after `candle` */
const joined = (candle: Candle, next: Candle): Candle => ({
  openTimeMs: candle.openTimeMs,
  open: candle.open,
  high: Math.max(candle.high, next.high),
  low: Math.min(candle.low, next.low),
  close: next.close,
  volume: toVolume(candle.volume + next.volume),
});

/** @param candles oldest first; each lies within one interval */
export function joinCandles(candles: readonly Candle[], intervalMs: number): Candle[] {
  const longer: Candle[] = [];
  for (const candle of candles) {
    const openTimeMs = Math.floor(candle.openTimeMs / intervalMs) * intervalMs;
    const last = longer.at(-1);
    if (last?.openTimeMs === openTimeMs) longer[longer.length - 1] = joined(last, candle);
    else longer.push({ ...candle, openTimeMs });
  }
  return longer;
}

/** Intervals in which nothing happened, in which the price stood where it was. */
export interface Silence {
  readonly intervalMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** What the price was before the first candle; `null`: intervals before it stay missing. */
  readonly before: number | null;
}

/** @param candles oldest first, of whole intervals */
export function fillSilence(candles: readonly Candle[], silence: Silence): Candle[] {
  const { intervalMs, fromMs, toMs } = silence;
  const filled: Candle[] = [];
  let price = silence.before;
  let index = 0;
  for (let openTimeMs = fromMs; openTimeMs < toMs; openTimeMs += intervalMs) {
    const candle = candles[index];
    if (candle?.openTimeMs === openTimeMs) {
      filled.push(candle);
      price = candle.close;
      index += 1;
    } else if (price !== null) filled.push(untraded(openTimeMs, price));
  }
  return filled;
}
