/** History: which series and ranges the charts can ask for, and what they are answered. */

import { BASE_COIN } from './coins.ts';
import type { SourceId } from './sources.ts';

/**
 * How far back an answer reaches and how far apart its rows are, both in seconds. An answer has at most
 * `durationS / intervalS` rows; the newest is of the interval that has not ended.
 */
export const HISTORY_RANGES = {
  '24h': { durationS: 86_400, intervalS: 300 },
  '7d': { durationS: 7 * 86_400, intervalS: 3600 },
  '30d': { durationS: 30 * 86_400, intervalS: 14_400 },
  '1y': { durationS: 365 * 86_400, intervalS: 86_400 },
} as const;

/** Names a range; the value of `range` in a request. */
export type HistoryRange = keyof typeof HISTORY_RANGES;

/** Whether a text names a range. */
export const isHistoryRange = (text: string): text is HistoryRange =>
  Object.hasOwn(HISTORY_RANGES, text);

/** The most rows that any answer has. */
export const MAX_HISTORY_ROWS = 500;

/** The one range that sparklines have. */
export const SPARKLINE_RANGE: HistoryRange = '7d';

/**
 * Series with a name of their own; besides them each configured coin has `coin:<SYMBOL>`.
 * - `btc_candles` OHLCV of one exchange a row; prices in US dollars, volume in BTC
 * - `btc_price` the same as `coin:BTC`
 * - `rsi_14` daily RSI(14) with the price of that moment as running close
 * - `fng` one value a day, at the day's stamp; the series has holes
 * - `market_cap`, `volume_24h` US dollars; `btc_dominance` per cent
 * - `sparklines` every configured coin's price beside each other, 7 days
 */
export const HISTORY_SERIES = [
  'btc_candles',
  'btc_price',
  'rsi_14',
  'fng',
  'market_cap',
  'volume_24h',
  'btc_dominance',
  'sparklines',
] as const;

/** Names a coin's series: `coin:ETH`. */
export type CoinSeries = `coin:${string}`;

/** Names a series; the value of `series` in a request. */
export type HistorySeries = (typeof HISTORY_SERIES)[number] | CoinSeries;

/** The series of a coin's price in US dollars. */
export const coinSeries = (symbol: string): CoinSeries => `coin:${symbol}`;

/** The series that `btc_price` is another name of. */
export const BTC_SERIES = coinSeries(BASE_COIN);

/** Columns of `btc_candles`. */
export const CANDLE_COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Columns of every series but `btc_candles` and `sparklines` (whose are `time` and the coins' symbols). */
export const VALUE_COLUMNS = ['time', 'value'] as const;

/** Answer of `GET /api/crypto/history`, as JSON. */
export interface HistoryBody {
  readonly series: HistorySeries;
  readonly range: HistoryRange;
  /** Seconds between two neighbouring rows; a row that is missing was not read, and nothing stands in for it. */
  readonly interval_s: number;
  /** Whose the newest row is; `null` without rows. */
  readonly source: SourceId | null;
  /** Everybody rows are of, in the order of `SOURCE_NAMES`. */
  readonly sources: readonly SourceId[];
  /** The newest row's own time, ISO 8601 in UTC to the second; `null` without rows. */
  readonly as_of: string | null;
  /** Names of what stands in a row, `time` first. */
  readonly columns: readonly string[];
  /**
   * Oldest first. `time` is the interval's beginning in seconds since 1970, UTC. `null` only in `sparklines`, for a coin
   * without a price in that hour.
   */
  readonly rows: readonly (readonly [time: number, ...values: (number | null)[]])[];
}

/** What an answer is written in. */
export const HISTORY_FORMATS = ['json', 'csv'] as const;

/** See {@link HISTORY_FORMATS}. */
export type HistoryFormat = (typeof HISTORY_FORMATS)[number];
