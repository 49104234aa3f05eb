/** The candles of a range: in each interval those of one exchange, never of two, whose prices differ by their spread. */

import { type CandleReader, openCandles, type Trusted } from './candles.ts';
import { type Point, tierIntervalOf, type Window } from './points.ts';

/** Of each interval the best candle there is; those of four hours are kept of nobody, and are made of hours. */
export function candlePoints(
  rows: CandleReader,
  window: Window,
  document: Trusted,
): readonly Point[] {
  const { intervalS, fromS, toS, nowS } = window;
  const candles = openCandles(rows, document, nowS);
  candles.read({ intervalS: tierIntervalOf(intervalS), fromS, toS });
  const points: Point[] = [];
  for (let time = fromS; time < toS; time += intervalS) {
    const candle = candles.best(intervalS, time);
    if (candle === null) continue;
    const { open, high, low, close, volume, source, asOfS } = candle;
    points.push({ time, values: [open, high, low, close, volume], sources: [source], asOfS });
  }
  return points;
}
