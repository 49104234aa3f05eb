/** Rows for tests, and the plain model of which of them are kept. */

import fc from 'fast-check';
import { SOURCE_IDS } from '../../contract/index.ts';
import type { CandleRow, Keeps, SampleRow } from './history-rows.ts';

/** A day's beginning that every interval divides, seconds since 1970. */
export const DAY_0 = 1_794_960_000;

/** Every moment. */
export const ALWAYS = { fromS: 0, toS: Number.MAX_SAFE_INTEGER };

/** A row of `coin:BTC`, one minute long, the `index`th. */
export const sample = (index: number, change: Partial<SampleRow> = {}): SampleRow => ({
  series: 'coin:BTC',
  intervalS: 60,
  time: DAY_0 + index * 60,
  value: 80_000 + index / 7,
  source: 'binance',
  asOfS: DAY_0 + index * 60 + 59,
  ...change,
});

/** An hour of Kraken's, the `index`th. */
export const candle = (index: number, change: Partial<CandleRow> = {}): CandleRow => ({
  intervalS: 3600,
  time: DAY_0 + index * 3600,
  open: 80_000 + index / 7,
  high: 80_100.5,
  low: 79_999.25,
  close: 80_001 + index / 3,
  volume: 12.345678,
  source: 'kraken',
  asOfS: DAY_0 + (index + 1) * 3600,
  ...change,
});

/** Few places, so that rows meet; all values. SQLite keeps no sign of zero, and no figure has one. */
const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);
const source = fc.constantFrom(...SOURCE_IDS.slice(0, 3));
const place = fc
  .tuple(fc.constantFrom(60, 300, 86_400), fc.nat(2), fc.nat(2))
  .map(([intervalS, index, aheadS]) => {
    const time = DAY_0 + index * intervalS;
    return { intervalS, time, asOfS: time + (aheadS * intervalS) / 2 };
  });

/** A sample that can be true. */
export const trueSample: fc.Arbitrary<SampleRow> = fc
  .tuple(fc.constantFrom('coin:BTC', 'coin:B', 'fng'), place, value, source)
  .map(([series, where, number, from]) => ({ series, ...where, value: number, source: from }));

/** A candle that can be true. */
export const trueCandle: fc.Arbitrary<CandleRow> = fc
  .tuple(place, fc.tuple(value, value, value, value, value), source)
  .map(([where, [open, high, low, close, volume], from]) => ({
    ...{ ...where, open, high, low, close, volume },
    source: from,
  }));

/** The samples that have to be left of all those that ever came: of each place the one that ranks highest. */
export function modelOfSamples(rows: readonly SampleRow[], keeps: Keeps): readonly SampleRow[] {
  const rank = rankOfSample[keeps];
  const inOrder = rows.toSorted((a, b) => compareLists(rank(a), rank(b)));
  return lastOfEach(inOrder, ({ series, intervalS, time }) => [series, intervalS, time]);
}

/** The candles that have to be left: of each place the greatest. */
export function modelOfCandles(rows: readonly CandleRow[]): readonly CandleRow[] {
  const inOrder = rows.toSorted((a, b) => compareLists(rankOfCandle(a), rankOfCandle(b)));
  return lastOfEach(inOrder, ({ intervalS, time, source }) => [intervalS, time, source]);
}

type List = readonly (string | number)[];

/** Of two that are of one moment, that of the source that stands first wins either way. */
const rankOfSample: Record<Keeps, (row: SampleRow) => List> = {
  last: ({ asOfS, source, value }) => [asOfS, -SOURCE_IDS.indexOf(source), value],
  first: ({ asOfS, source, value }) => [-asOfS, -SOURCE_IDS.indexOf(source), -value],
};
const rankOfCandle = ({ asOfS, volume, close, low, high, open }: CandleRow): List => [
  ...[asOfS, volume, close],
  ...[low, high, open],
];

function lastOfEach<Row>(inOrder: readonly Row[], placeOf: (row: Row) => List): Row[] {
  const byPlace = new Map(inOrder.map((row) => [JSON.stringify(placeOf(row)), row]));
  return [...byPlace.values()].toSorted((a, b) => compareLists(placeOf(a), placeOf(b)));
}

function compareLists(a: List, b: List): number {
  const index = a.findIndex((item, at) => item !== b[at]);
  const [one, other] = [a[index] ?? 0, b[index] ?? 0];
  return one < other ? -1 : Number(one > other);
}
