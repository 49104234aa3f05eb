/** What is answered to a query, as the wire has it. Pure but for the rows that are read. */

import {
  BTC_SERIES,
  CANDLE_COLUMNS,
  coinSeries,
  type HistoryBody,
  type HistoryFormat,
  SOURCE_IDS,
  toWireTime,
  VALUE_COLUMNS,
} from '../../contract/index.ts';
import type { HistoryRows } from '../store/history-rows.ts';
import { candlePoints } from './candle-points.ts';
import type { HistoryQuery } from './history.ts';
import { type Point, samplePoints, sparklinePoints, type Window, windowOf } from './points.ts';
import { type RsiDocument, rsiPoints } from './rsi-points.ts';

/** What an answer is made of. */
export interface Known {
  readonly rows: Pick<HistoryRows, 'samples' | 'candles'>;
  readonly document: RsiDocument;
  /** The columns of `sparklines`, in their order. */
  readonly coins: readonly string[];
  /** Now, whole seconds since 1970. */
  readonly nowS: number;
}

/** The answer to a query. */
export function answerTo(
  { series, range }: Pick<HistoryQuery, 'series' | 'range'>,
  known: Known,
): HistoryBody {
  const window = windowOf(range, known.nowS);
  const { columns, points } = tableOf(series, window, known);
  const newest = points.at(-1);
  const theirs = new Set(points.flatMap(({ sources }) => sources));
  return {
    series,
    range,
    interval_s: window.intervalS,
    source: newest?.sources[0] ?? null,
    sources: SOURCE_IDS.filter((source) => theirs.has(source)),
    as_of: newest === undefined ? null : toWireTime(newest.asOfS * 1000),
    columns,
    rows: points.map(({ time, values }) => [time, ...values]),
  };
}

/** Compact JSON, or CSV with the columns' names first; a number is written the same in both, and `null` is nothing. */
export function writeBody(body: HistoryBody, format: HistoryFormat): string {
  if (format === 'json') return JSON.stringify(body);
  const lines = [body.columns, ...body.rows.map((row) => row.map((value) => value ?? ''))];
  return lines.map((line) => `${line.join(',')}\n`).join('');
}

interface Table {
  readonly columns: readonly string[];
  readonly points: readonly Point[];
}

function tableOf(series: HistoryQuery['series'], window: Window, known: Known): Table {
  const { rows, document, coins } = known;
  switch (series) {
    case 'btc_candles':
      return { columns: CANDLE_COLUMNS, points: candlePoints(rows, window, document) };
    case 'rsi_14':
      return { columns: VALUE_COLUMNS, points: rsiPoints(rows, window, document) };
    case 'sparklines':
      return {
        columns: ['time', ...coins],
        points: sparklinePoints(rows, coins.map(coinSeries), window),
      };
    case 'btc_price':
      return { columns: VALUE_COLUMNS, points: samplePoints(rows, BTC_SERIES, window) };
    default:
      return { columns: VALUE_COLUMNS, points: samplePoints(rows, series, window) };
  }
}
