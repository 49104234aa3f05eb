/** What a request for history asks for: its query, checked. */

import {
  HISTORY_FORMATS,
  HISTORY_RANGES,
  HISTORY_SERIES,
  type HistoryFormat,
  type HistoryRange,
  type HttpErrorCode,
  isHistoryRange,
  SPARKLINE_RANGE,
} from '../../contract/index.ts';
import type { History, HistoryQuery } from '../history/history.ts';

/** A parameter that is not what it must be: its code, and a sentence that says what it must be, never what it was. */
export interface WrongQuery {
  readonly code: Extract<HttpErrorCode, 'wrong_series' | 'wrong_range' | 'wrong_format'>;
  readonly message: string;
}

const DEFAULT_FORMAT: HistoryFormat = 'json';

const WRONG_SERIES: WrongQuery = {
  code: 'wrong_series',
  message: `There must be one series: ${HISTORY_SERIES.join(', ')}, or coin:<SYMBOL> of a coin that is shown here, such as coin:BTC.`,
};
const WRONG_RANGE: WrongQuery = {
  code: 'wrong_range',
  message: `There must be one range: ${Object.keys(HISTORY_RANGES).join(', ')}.`,
};
const WRONG_SPARKLINE_RANGE: WrongQuery = {
  code: 'wrong_range',
  message: `The range of sparklines is ${SPARKLINE_RANGE}, which may be left out.`,
};
const WRONG_FORMAT: WrongQuery = {
  code: 'wrong_format',
  message: `There may be one format: ${HISTORY_FORMATS.join(', ')}; without one it is ${DEFAULT_FORMAT}.`,
};

/**
 * Reads a raw query, with or without its question mark. What is malformed in it is decoded as the URL standard says,
 * without an error, and is then no allowed value. Parameters of other names are ignored.
 */
export function readHistoryQuery(query: string, history: Pick<History, 'has'>): Read {
  const parameters = new URLSearchParams(query);
  const series = only(parameters, 'series');
  if (!series || !history.has(series)) return WRONG_SERIES;
  const range = readRange(parameters, series === 'sparklines');
  if (typeof range !== 'string') return range;
  const format = only(parameters, 'format');
  if (format === undefined) return { series, range, format: DEFAULT_FORMAT };
  return isFormat(format) ? { series, range, format } : WRONG_FORMAT;
}

type Read = HistoryQuery | WrongQuery;

function readRange(parameters: URLSearchParams, isSparklines: boolean): HistoryRange | WrongQuery {
  const range = only(parameters, 'range');
  if (isSparklines) {
    const isTheirs = range === undefined || range === SPARKLINE_RANGE;
    return isTheirs ? SPARKLINE_RANGE : WRONG_SPARKLINE_RANGE;
  }
  return range && isHistoryRange(range) ? range : WRONG_RANGE;
}

/** The value of a parameter that stands there once; `undefined` without it, `null` when it stands there twice. */
function only(parameters: URLSearchParams, name: string): string | null | undefined {
  const [value, ...others] = parameters.getAll(name);
  return others.length > 0 ? null : value;
}

const isFormat = (text: string | null): text is HistoryFormat =>
  HISTORY_FORMATS.some((format) => format === text);
