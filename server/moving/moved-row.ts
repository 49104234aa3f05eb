/** Moving house: kept rows go out into a file, and come back in from one, the same. */

import { BTC_SERIES } from '../../contract/index.ts';
import { ruleOf } from '../history/series.ts';
import { hasCome, whyNoCandle, whyNoSample } from '../history/sound-row.ts';
import type { CandleRow, SampleRow } from '../store/history-rows.ts';

/** What a file is written in. */
export const FILE_FORMATS = ['csv', 'json'] as const;

/** See {@link FILE_FORMATS}. */
export type FileFormat = (typeof FILE_FORMATS)[number];

/** A row on its way, under the name that its series has in the file. */
export type MovedRow =
  | { readonly name: string; readonly kind: 'sample'; readonly row: SampleRow }
  | { readonly name: typeof BTC_CANDLES; readonly kind: 'candle'; readonly row: CandleRow };

/** The series of candles; all others are samples. */
export const BTC_CANDLES = 'btc_candles';

/** Columns of a file in CSV: a sample has no candle's prices, and a candle no value. */
export const COLUMNS = [
  'series',
  'interval_s',
  'time',
  'value',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'source',
  'as_of',
] as const;

/** See {@link COLUMNS}. */
export type Column = (typeof COLUMNS)[number];

/** The series that samples are kept under, for a name in a file; `null` when nothing is kept under it. */
export function sampleSeriesOf(name: string): string | null {
  const series = name === 'btc_price' ? BTC_SERIES : name;
  return ruleOf(series) === null ? null : series;
}

/** Computed when somebody asks, so that there is nothing to be kept: of what, by name. */
const COMPUTED: Readonly<Record<string, string>> = {
  rsi_14: 'rsi_14 is not kept, it is computed from btc_candles: export those',
  sparklines: 'sparklines are not kept, they are the coins’ prices: export coin:<SYMBOL>, or all',
};

/** Why a series of that name cannot be written into a file; `null` when it can. */
export function whyNotKept(name: string): string | null {
  if (name === BTC_CANDLES || sampleSeriesOf(name) !== null) return null;
  if (Object.hasOwn(COMPUTED, name)) return COMPUTED[name] ?? null;
  return '--series must be all, or some of the series that --help names, with commas between';
}

/**
 * Why a row is neither let out into a file nor in from one; `null` for one that the server itself could have kept.
 * @param nowS the clock, seconds since 1970: of what is to come nobody has figures
 */
export function whyUnsound({ kind, row }: MovedRow, nowS: number): string | null {
  const reason = kind === 'sample' ? whyNoSample(row) : whyNoCandle(row);
  return reason ?? (hasCome(row, nowS) ? null : 'as_of lies in the future');
}
