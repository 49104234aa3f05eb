/** What upstreams answer of the past, as rows. Pure. */

import { BASE_COIN, coinSeries } from '../../contract/index.ts';
import type { CandleRow, Keeps, SampleRow } from '../store/history-rows.ts';
import { mergeCandles } from './candles.ts';
import type { CandleAnswer, PastAnswer, PastCandle } from './past.ts';
import { FIGURE_SERIES } from './series.ts';
import { whyNoCandle, whyNoSample } from './sound-row.ts';
import { bucketOf, FIVE_MINUTES_S, MINUTE_S, rowsInTiers } from './tiers.ts';

/** Rows of one answer. */
export interface PastRows {
  readonly samples: readonly SampleRow[];
  /** How the samples are kept. */
  readonly keeps: Keeps;
  readonly candles: readonly CandleRow[];
}

/** What cannot have been, or is of another time than was asked for, is left out. */
export const pastRows = (answer: PastAnswer): PastRows =>
  answer.kind === 'fng' ? indexRows(answer) : candleRows(answer);

function indexRows({ source, days }: Extract<PastAnswer, { kind: 'fng' }>): PastRows {
  const { keeps, finestS } = FIGURE_SERIES.fng;
  const samples = days
    .flatMap(({ time, value }) =>
      rowsInTiers({ series: 'fng', value, source, asOfS: time }, time, finestS),
    )
    .filter((row) => whyNoSample(row) === null);
  return { samples, keeps, candles: [] };
}

function candleRows(answer: CandleAnswer): PastRows {
  const { symbol, intervalS, fromS, toS } = answer;
  const candles = answer.candles
    .filter(({ time }) => time >= fromS && time < toS)
    .map((candle) => rowOf(candle, answer))
    .filter((row) => whyNoCandle(row) === null);
  const series = coinSeries(symbol);
  const samples = candles.flatMap(({ time, close, source, asOfS }) =>
    rowsInTiers({ series, value: close, source, asOfS }, time, intervalS),
  );
  const built = intervalS === MINUTE_S ? builtOf(candles, answer) : [];
  return {
    samples: newestOfEach(samples),
    keeps: 'last',
    candles: symbol === BASE_COIN ? [...candles, ...built] : [],
  };
}

function rowOf(
  { time, open, high, low, close, volume }: PastCandle,
  answer: CandleAnswer,
): CandleRow {
  const { intervalS, source } = answer;
  const asOfS = asOfOf(time, intervalS, answer);
  return { intervalS, time, open, high, low, close, volume, source, asOfS };
}

/**
 * Until when something of an interval is known. The newest candle that an exchange has is an open one, whatever our clock
 * says: one that is ahead would make of it what it never was, for good. Known until nobody knows when, it counts as read at
 * its beginning: whatever is read later is better.
 */
function asOfOf(time: number, intervalS: number, answer: CandleAnswer): number {
  const { receivedAtS } = answer;
  const endS = time + intervalS;
  if (receivedAtS < endS || !isNewest(endS, answer)) return Math.min(receivedAtS, endS);
  return time;
}

/** Whether the page's newest candle lies before an end, and the page reaches to now or has room for another one. */
function isNewest(endS: number, { candles, intervalS, toS, receivedAtS }: CandleAnswer): boolean {
  const newestS = candles.at(-1)?.time ?? toS;
  return newestS < endS && (toS > receivedAtS || newestS + intervalS < toS);
}

/** Of the five minutes that lie in the answer whole; one in which nothing was traded has no candle. */
function builtOf(minutes: readonly CandleRow[], answer: CandleAnswer): readonly CandleRow[] {
  const { fromS, toS, receivedAtS } = answer;
  // The open one is whole as far as it goes.
  const endS = toS >= receivedAtS ? Number.POSITIVE_INFINITY : toS;
  const isWhole = (time: number) => time >= fromS && time + FIVE_MINUTES_S <= endS;
  const spans = Map.groupBy(minutes, ({ time }) => bucketOf(time, FIVE_MINUTES_S));
  return [...spans].flatMap(([time, parts]) => {
    const candle = isWhole(time) ? mergeCandles(parts, FIVE_MINUTES_S) : null;
    // What follows the last trade is known too.
    return candle === null ? [] : { ...candle, asOfS: asOfOf(time, FIVE_MINUTES_S, answer) };
  });
}

/** Candles come oldest first, so that of one interval the last sample is the newest: the others would be overwritten. */
const newestOfEach = (samples: readonly SampleRow[]): readonly SampleRow[] => [
  ...new Map(samples.map((row) => [`${row.intervalS} ${row.time}`, row] as const)).values(),
];
