/** The daily RSI's past: at each moment what it was with the price of that moment as running close. */

import { type DashboardDocument, type SourceId, toWire } from '../../contract/index.ts';
import { noAverages, rsiOf, type WilderAverages, withClose } from '../indicators/rsi.ts';
import type { CandleRow } from '../store/history-rows.ts';
import { byTrust, type CandleReader, type Candles, isClosed, openCandles } from './candles.ts';
import { type Point, tierIntervalOf, type Window } from './points.ts';
import { hasCome } from './sound-row.ts';
import { bucketOf, DAY_S } from './tiers.ts';

/** Closes in a row from which the RSI agrees with that of the whole history to 0.1. */
const MIN_CLOSES = 100;
/** So many days before the first point are looked at: what is older no longer changes two decimals. */
const MAX_DAYS_BEFORE = 500;

/** What of the document the newest point is taken from. */
export type RsiDocument = Pick<DashboardDocument, 'rsi_14' | 'freshness' | 'sources'>;

/**
 * Each point is of one exchange: its daily closes before that day, and its price then. That of the document first, so that
 * the line leads up to it, then in order of preference, those that are set aside last. The last point is the document's own; what comes after it would
 * contradict it.
 */
export function rsiPoints(
  rows: CandleReader,
  window: Window,
  document: RsiDocument,
): readonly Point[] {
  const computed = computedPoints(rows, window, document);
  const last = documentPoint(window, document);
  if (last === null) return computed;
  const before = computed.filter(({ time }) => time < last.time);
  return [...before, last];
}

/** `null` where it is not known, or lies before the range: of what is in it, it says nothing. */
function documentPoint({ intervalS, fromS, nowS }: Window, document: RsiDocument): Point | null {
  const { rsi_14: value, freshness } = document;
  const { source, as_of } = freshness.rsi_14;
  if (value === null || source === null || as_of === null) return null;
  const asOfS = Math.floor(Date.parse(as_of) / 1000);
  if (!hasCome({ asOfS }, nowS)) return null;
  const time = bucketOf(Math.min(asOfS, nowS), intervalS);
  return time < fromS ? null : { time, values: [value], sources: [source], asOfS };
}

function computedPoints(
  rows: CandleReader,
  window: Window,
  document: RsiDocument,
): readonly Point[] {
  const { intervalS, fromS, toS, nowS } = window;
  const candles = openCandles(rows, document, nowS);
  candles.read({ intervalS: tierIntervalOf(intervalS), fromS, toS });
  const lastDay = bucketOf(nowS, DAY_S);
  const firstDay = bucketOf(fromS, DAY_S) - MAX_DAYS_BEFORE * DAY_S;
  candles.read({ intervalS: DAY_S, fromS: firstDay, toS: lastDay + DAY_S });
  const shownFirst = byTrust(document, document.freshness.rsi_14.source);
  const points = new Map<number, Point>();
  for (const source of shownFirst) {
    const missing = timesOf(window).filter((time) => !points.has(time));
    if (missing.length === 0) break;
    const averages = averagesBefore(candles, source, firstDay, lastDay);
    for (const time of missing) {
      const before = averages.get(bucketOf(time, DAY_S));
      const point = before === undefined ? null : pointAt(candles, source, time, intervalS, before);
      if (point !== null) points.set(time, point);
    }
  }
  return [...points.values()].toSorted((a, b) => a.time - b.time);
}

const timesOf = ({ intervalS, fromS, toS }: Window): readonly number[] =>
  Array.from({ length: (toS - fromS) / intervalS }, (_, at) => fromS + at * intervalS);

/** By day, the averages of the closed days in a row before it; none where they are too few. */
function averagesBefore(
  candles: Candles,
  source: SourceId,
  firstDay: number,
  lastDay: number,
): ReadonlyMap<number, WilderAverages> {
  const before = new Map<number, WilderAverages>();
  let averages = noAverages();
  for (let day = firstDay; day <= lastDay; day += DAY_S) {
    if (averages.closes >= MIN_CLOSES) before.set(day, averages);
    // Hours do not reach a hundred days back: none of a row that began with a day made of them would count.
    const candle = candles[averages.closes === 0 ? 'given' : 'known'](source, DAY_S, day);
    const isDone = candle !== null && isClosed(candle);
    averages = isDone ? withClose(averages, candle.close) : noAverages();
  }
  return before;
}

/** One step on from the averages, with an exchange's last price in an interval: of four hours, of the last there is. */
function pointAt(
  candles: Candles,
  source: SourceId,
  timeS: number,
  intervalS: number,
  before: WilderAverages,
): Point | null {
  const partS = tierIntervalOf(intervalS);
  let candle: CandleRow | null = null;
  for (let at = timeS + intervalS - partS; at >= timeS && candle === null; at -= partS) {
    candle = candles.known(source, partS, at);
  }
  const value = candle === null ? null : rsiOf(withClose(before, candle.close));
  if (candle === null || value === null) return null;
  return { time: timeS, values: [toWire(value)], sources: [source], asOfS: candle.asOfS };
}
