/** What is kept of a series, in pieces that any machine can hold. */

import { EARLIEST_MS } from '../../contract/index.ts';
import { TIERS } from '../history/tiers.ts';
import type { HistoryRows } from '../store/history-rows.ts';
import { BTC_CANDLES, type MovedRow, sampleSeriesOf, whyUnsound } from './moved-row.ts';

/** The reading side of a store. */
export type ReadableRows = Pick<HistoryRows, 'samples' | 'candles' | 'series'>;

/** So many intervals are read at once: of candles, three times as many rows. */
const INTERVALS_AT_ONCE = 5_000;

/** The names of everything that is kept. */
export const keptNames = (rows: ReadableRows): readonly string[] => [
  BTC_CANDLES,
  ...rows.series().filter((series) => sampleSeriesOf(series) !== null),
];

/**
 * All rows of a series: every interval, the finest first, and of each the oldest first.
 * @param name of a series that is kept
 * @param nowS seconds since 1970
 * @param onLeftOut told of every row that is not sound, e.g. of a clock that was ahead
 */
export function* keptRows(
  rows: ReadableRows,
  name: string,
  nowS: number,
  onLeftOut: () => void,
): Generator<MovedRow> {
  for (const { intervalS } of TIERS) {
    const stepS = INTERVALS_AT_ONCE * intervalS;
    const firstS = Math.floor(EARLIEST_MS / 1000 / intervalS) * intervalS;
    for (let fromS = firstS; fromS <= nowS; fromS += stepS) {
      for (const moved of rowsOf(rows, name, { intervalS, fromS, toS: fromS + stepS })) {
        if (whyUnsound(moved, nowS) === null) yield moved;
        else onLeftOut();
      }
    }
  }
}

function rowsOf(
  rows: ReadableRows,
  name: string,
  span: { readonly intervalS: number; readonly fromS: number; readonly toS: number },
): readonly MovedRow[] {
  if (name === BTC_CANDLES) {
    return rows.candles(span).map((row) => ({ name, kind: 'candle', row }));
  }
  const series = sampleSeriesOf(name);
  if (series === null) return [];
  return rows.samples({ ...span, series }).map((row) => ({ name, kind: 'sample', row }));
}
