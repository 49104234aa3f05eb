/** The candles of a range: in each interval those of one exchange, never of two, whose prices differ by their spread. */

import { EXCHANGES } from '../../contract/index.ts';
import type { CandleRow } from '../store/history-rows.ts';
import { type CandleReader, type Candles, mergeCandles, openCandles } from './candles.ts';
import { type Point, tierIntervalOf, type Window } from './points.ts';

/**
 * Of each interval the candle of the first exchange, in order of preference, that has it to its end, else of the one that
 * is known furthest. Those of four hours are made of the hours of the exchange that has the most of them.
 */
export function candlePoints(rows: CandleReader, window: Window): readonly Point[] {
  const { intervalS, fromS, toS, nowS } = window;
  const tierS = tierIntervalOf(intervalS);
  const candles = openCandles(rows, nowS);
  candles.read({ intervalS: tierS, fromS, toS });
  const points: Point[] = [];
  for (let time = fromS; time < toS; time += intervalS) {
    const candle =
      tierS === intervalS
        ? furthest(candles.all(intervalS, time), ({ asOfS }) => asOfS)
        : mergeCandles(mostParts(candles, time, intervalS, tierS), intervalS);
    if (candle === null) continue;
    const { open, high, low, close, volume, source, asOfS } = candle;
    points.push({ time, values: [open, high, low, close, volume], sources: [source], asOfS });
  }
  return points;
}

/** The shorter candles of the exchange that has the most; one that is missing leaves a gap in time, not in prices. */
function mostParts(
  candles: Candles,
  timeS: number,
  intervalS: number,
  partS: number,
): readonly CandleRow[] {
  const parts: CandleRow[] = [];
  for (let at = timeS; at < timeS + intervalS; at += partS) parts.push(...candles.all(partS, at));
  const bySource = EXCHANGES.map((id) => parts.filter(({ source }) => source === id));
  return furthest(bySource, ({ length }) => length) ?? [];
}

/** The first of those that reach furthest; `null` when there are none. */
function furthest<T>(all: readonly T[], reach: (one: T) => number): T | null {
  let best: T | null = null;
  for (const one of all) if (best === null || reach(one) > reach(best)) best = one;
  return best;
}
