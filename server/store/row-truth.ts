/** What a row has to satisfy, whoever sends it and wherever it is read: all others are neither kept nor answered. */

import { SOURCE_IDS } from '../../contract/index.ts';
import type { CandleRow, SampleRow } from './history-rows.ts';

/** Names of series are a dozen letters. */
const MAX_SERIES_LENGTH = 64;

const SOURCES: ReadonlySet<unknown> = new Set(SOURCE_IDS);

/** Whether a sample can be true. */
export const isTrueSample = (row: SampleRow): boolean =>
  isSeries(row.series) && isInPlace(row) && Number.isFinite(row.value);

/** Whether a candle can be true. */
export const isTrueCandle = (row: CandleRow): boolean =>
  isInPlace(row) &&
  [row.open, row.high, row.low, row.close, row.volume].every((value) => Number.isFinite(value));

/** Whether a series can have that name. */
export const isSeries = (series: unknown): series is string =>
  typeof series === 'string' && series !== '' && series.length <= MAX_SERIES_LENGTH;

/** An own time outside of the interval would win, or lose, against every true one. */
const isInPlace = ({
  intervalS,
  time,
  source,
  asOfS,
}: Pick<SampleRow, 'intervalS' | 'time' | 'source' | 'asOfS'>): boolean =>
  [intervalS, time, asOfS].every((seconds) => Number.isSafeInteger(seconds)) &&
  intervalS > 0 &&
  time >= 0 &&
  time % intervalS === 0 &&
  asOfS >= time &&
  asOfS <= time + intervalS &&
  SOURCES.has(source);
