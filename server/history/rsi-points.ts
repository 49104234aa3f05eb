/** The daily RSI's past: at each moment what it was with the price of that moment as running close. */

import { type DashboardDocument, EXCHANGES, type SourceId, toWire } from '../../contract/index.ts';
import { noAverages, rsiOf, type WilderAverages, withClose } from '../indicators/rsi.ts';
import type { CandleSpan } from '../store/history-rows.ts';
import { candlesIn } from './candle-points.ts';
import {
  type CandleReader,
  type Candles,
  givenCandles,
  isClosed,
  knownCandles,
} from './candles.ts';
import { hasCome, type Point, type Window } from './points.ts';
import { bucketOf, DAY_S } from './tiers.ts';

/** Closes in a row from which the RSI agrees with that of the whole history to 0.1. */
const MIN_CLOSES = 100;
/** So many days before the first point are looked at: what is older no longer changes two decimals. */
const MAX_DAYS_BEFORE = 500;

/** What of the document the newest point is taken from. */
export type RsiDocument = Pick<DashboardDocument, 'rsi_14' | 'freshness'>;

/**
 * Each point is of one exchange: its daily closes before that day, and its price then. That of the document first, so that
 * the line leads up to it, then in order of preference. The last point is the document's own; what comes after it would
 * contradict it.
 */
export function rsiPoints(
  rows: CandleReader,
  window: Window,
  document: RsiDocument,
): readonly Point[] {
  const computed = computedPoints(rows, window, document.freshness.rsi_14.source);
  const last = documentPoint(window, document);
  if (last === null) return computed;
  const before = computed.filter(({ time }) => time < last.time);
  return last.time < window.fromS ? [] : [...before, last];
}

function documentPoint({ intervalS, nowS }: Window, document: RsiDocument): Point | null {
  const { rsi_14: value, freshness } = document;
  const { source, as_of } = freshness.rsi_14;
  if (value === null || source === null || as_of === null) return null;
  const asOfS = Math.floor(Date.parse(as_of) / 1000);
  if (!hasCome({ asOfS }, nowS)) return null;
  const time = bucketOf(Math.min(asOfS, nowS), intervalS);
  return { time, values: [value], sources: [source], asOfS };
}

function computedPoints(
  rows: CandleReader,
  window: Window,
  shownSource: SourceId | null,
): readonly Point[] {
  const days = {
    intervalS: DAY_S,
    fromS: bucketOf(window.fromS, DAY_S) - MAX_DAYS_BEFORE * DAY_S,
    toS: bucketOf(window.toS - 1, DAY_S) + DAY_S,
  };
  const given = givenCandles(rows, days, window.nowS, EXCHANGES);
  // Of one without any the finer candles do not reach back far enough either.
  const exchanges = EXCHANGES.filter((source) => (given.get(source)?.size ?? 0) > 0);
  const ordered = exchanges.toSorted(
    (a, b) => Number(b === shownSource) - Number(a === shownSource),
  );
  const points = new Map<number, Point>();
  for (const source of ordered) {
    for (const point of pointsOf(rows, source, window, days)) {
      if (!points.has(point.time)) points.set(point.time, point);
    }
  }
  return [...points.values()].toSorted((a, b) => a.time - b.time);
}

/** What one exchange's candles say. */
function pointsOf(
  rows: CandleReader,
  source: SourceId,
  window: Window,
  days: CandleSpan,
): readonly Point[] {
  const daily = knownCandles(rows, days, window.nowS, [source]).get(source) ?? new Map();
  const averages = averagesBefore(daily, days.fromS, days.toS);
  const [candles] = candlesIn(rows, window, [source]);
  return [...(candles ?? [])].flatMap(([time, { candle }]) => {
    const before = averages.get(bucketOf(time, DAY_S));
    const value = before === undefined ? null : rsiOf(withClose(before, candle.close));
    if (value === null) return [];
    return { time, values: [toWire(value)], sources: [source], asOfS: candle.asOfS };
  });
}

/** By day, the averages of the closed days in a row before it; none where they are too few. */
function averagesBefore(
  days: Candles,
  fromS: number,
  toS: number,
): ReadonlyMap<number, WilderAverages> {
  const before = new Map<number, WilderAverages>();
  let averages = noAverages();
  for (let day = fromS; day < toS; day += DAY_S) {
    if (averages.closes >= MIN_CLOSES) before.set(day, averages);
    const candle = days.get(day);
    averages =
      candle !== undefined && isClosed(candle) ? withClose(averages, candle.close) : noAverages();
  }
  return before;
}
