/** Series as the tests of the page need them: whole, or with a hole, up to a moment. */

import {
  HISTORY_RANGES,
  type HistoryBody,
  type HistoryRange,
  type HistorySeries,
  isHistoryRange,
} from '../../contract/index.ts';
import type { HistoryRow } from './read-history.ts';
import { TEST_NOW_MS } from './test-document.ts';

/** How the series is made up. */
export interface TestSeries {
  /** The newest point lies in the interval of this moment, ms since 1970. */
  readonly nowMs?: number;
  /** The part of the range that is missing, 0 … 1 from its beginning to its end. */
  readonly hole?: readonly [from: number, to: number];
  /** By which the waves rise and fall, 0 … 1. */
  readonly waves?: number;
}

const DAY_S = 86_400;
const COLUMNS = {
  btc_candles: ['time', 'open', 'high', 'low', 'close', 'volume'],
  sparklines: ['time', 'BTC', 'ETH', 'SOL', 'XRP', 'ADA', 'LINK', 'BNB'],
} as const;

const columnsOf = (series: HistorySeries): readonly string[] =>
  series === 'btc_candles' || series === 'sparklines' ? COLUMNS[series] : ['time', 'value'];

/** Rises and falls that look like a market's. */
const waveAt = (at: number) => Math.sin(at * 23) + Math.sin(at * 71) / 2 + Math.sin(at * 311) / 5;

/** The newest are the figures of the test's document. */
function rowOf(series: HistorySeries, time: number, at: number, waves: number): HistoryRow {
  const wave = waveAt(at) - waveAt(1);
  const price = 77_705 * (1 + waves * wave);
  const open = price * (1 + waves * Math.cos(at * 500) * 0.2);
  if (series === 'btc_candles') {
    return [time, open, Math.max(open, price) * 1.002, Math.min(open, price) * 0.998, price, 12];
  }
  if (series === 'sparklines') {
    return [time, ...COLUMNS.sparklines.slice(1).map((_, n) => 10 + Math.sin(at * 9 + n))];
  }
  if (series === 'rsi_14') return [time, 33.45 + 15 * wave];
  return [time, series === 'fng' ? Math.round(26 + 15 * wave) : price];
}

/** An answer of the endpoint. */
export function testHistory(
  series: HistorySeries,
  range: HistoryRange,
  { nowMs = TEST_NOW_MS, hole = [2, 2], waves = 0.01 }: TestSeries = {},
): HistoryBody {
  const { durationS, intervalS } = HISTORY_RANGES[range];
  const stepS = series === 'fng' ? DAY_S : intervalS;
  const newest = Math.floor(nowMs / 1000 / stepS) * stepS;
  const count = durationS / stepS;
  const places = Array.from({ length: count }, (_, index) => (index + 1) / count);
  const rows = places
    .filter((at) => at < hole[0] || at > hole[1])
    .map((at) => rowOf(series, newest - Math.round((1 - at) * count) * stepS, at, waves));
  return {
    series,
    range,
    interval_s: intervalS,
    source: series === 'fng' ? 'alternative_me' : 'binance',
    sources: [series === 'fng' ? 'alternative_me' : 'binance'],
    as_of: new Date(nowMs - 4000).toISOString().replace(/\.\d+/, ''),
    columns: columnsOf(series),
    rows,
  };
}

/** The answer to a query, of any series. */
export function answerHistory(query: URLSearchParams, made: TestSeries = {}): HistoryBody | null {
  const range = query.get('range') ?? '';
  const series = query.get('series');
  // The test's own pages ask for series that there are.
  return series !== null && isHistoryRange(range)
    ? testHistory(series as HistorySeries, range, made)
    : null;
}
