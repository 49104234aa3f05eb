/** The candles of a range: in each interval those of one exchange. */

import { EXCHANGES, type SourceId } from '../../contract/index.ts';
import type { CandleRow } from '../store/history-rows.ts';
import { type CandleReader, knownCandles, mergeCandles } from './candles.ts';
import { type Point, tierIntervalOf, type Window } from './points.ts';
import { bucketOf } from './tiers.ts';

/** A candle, and how much of its interval is known: what it is compared with other exchanges' by. */
export interface ReachingCandle {
  readonly candle: CandleRow;
  /** Up to when it is known, seconds since 1970; of one that is made of several hours, how many they are. */
  readonly reach: number;
}

/** One exchange's candles of a range by when they opened. */
export type ReachingCandles = ReadonlyMap<number, ReachingCandle>;

/**
 * Never two exchanges in one candle: their prices differ by their spread. The first in order of preference that has it to
 * its end, else the one that is known furthest; of four hours the one with the most of them.
 */
export function candlePoints(rows: CandleReader, window: Window): readonly Point[] {
  const byExchange = candlesIn(rows, window, EXCHANGES);
  const points: Point[] = [];
  for (let time = window.fromS; time < window.toS; time += window.intervalS) {
    const candle = furthest(byExchange.flatMap((candles) => candles.get(time) ?? []));
    if (candle === null) continue;
    const { open, high, low, close, volume, source, asOfS } = candle;
    points.push({ time, values: [open, high, low, close, volume], sources: [source], asOfS });
  }
  return points;
}

/** The candles of each exchange in the intervals of a range, in the order of the exchanges. */
export function candlesIn(
  rows: CandleReader,
  { intervalS, fromS, toS, nowS }: Window,
  exchanges: readonly SourceId[],
): readonly ReachingCandles[] {
  const tierS = tierIntervalOf(intervalS);
  const isMerged = tierS < intervalS;
  // Where the candle of the first is complete, nobody asks for the others', unless hours are to be counted.
  const decisive = isMerged ? exchanges : exchanges.slice(0, 1);
  const span = { intervalS: tierS, fromS, toS };
  const known = knownCandles(rows, span, nowS, exchanges, decisive);
  return exchanges.map((source) => {
    const candles = [...(known.get(source)?.values() ?? [])];
    return isMerged ? mergedBy(intervalS, candles) : new Map(candles.map(reaching));
  });
}

const reaching = (candle: CandleRow): [time: number, reaching: ReachingCandle] => [
  candle.time,
  { candle, reach: candle.asOfS },
];

/** Longer candles, of what there is: an hour that is missing leaves a gap in time, not in the prices around it. */
function mergedBy(intervalS: number, hours: readonly CandleRow[]): ReachingCandles {
  const sorted = hours.toSorted((a, b) => a.time - b.time);
  const merged = new Map<number, ReachingCandle>();
  for (const [time, parts] of Map.groupBy(sorted, (hour) => bucketOf(hour.time, intervalS))) {
    const candle = mergeCandles(parts, intervalS);
    if (candle !== null) merged.set(time, { candle, reach: parts.length });
  }
  return merged;
}

/** @param candles of one interval, the preferred exchange's first */
function furthest(candles: readonly ReachingCandle[]): CandleRow | null {
  let best: ReachingCandle | null = null;
  for (const one of candles) if (best === null || one.reach > best.reach) best = one;
  return best?.candle ?? null;
}
