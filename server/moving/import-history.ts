/** A file → kept rows; the whole of it is checked before the first of them is kept. */

import { ruleOf } from '../history/series.ts';
import type { CandleRow, HistoryRows, Keeps, SampleRow } from '../store/history-rows.ts';
import { readCsv } from './csv-file.ts';
import { readJson } from './json-file.ts';
import type { FileFormat, MovedRow } from './moved-row.ts';
import { type Line, readLines } from './read-lines.ts';

/** A file that can be read from its beginning as often as is wanted. */
export interface MovedFile {
  readonly format: FileFormat;
  /** Its bytes, piece by piece. */
  chunks(): Iterable<Buffer>;
}

/** Rows that go into the store at once: a transaction each. */
const ROWS_AT_ONCE = 1_000;

/**
 * Reads a whole file and keeps nothing.
 * @param nowS seconds since 1970
 * @returns how many rows it has
 * @throws WrongFile at the first line that is wrong
 */
export function checkHistory(file: MovedFile, nowS: number): number {
  let rows = 0;
  for (const _ of rowsOf(file, nowS)) rows += 1;
  return rows;
}

/**
 * Joins a file that was checked with what is kept: of two rows for one place the one is kept that would have been, had
 * both been read here.
 * @returns how many rows were new, or took another's place
 */
export function importHistory(file: MovedFile, nowS: number, rows: KeepingRows): number {
  const candles: CandleRow[] = [];
  const samples: Record<Keeps, SampleRow[]> = { first: [], last: [] };
  let fresh = 0;
  const keepCandles = () => {
    fresh += rows.keepCandles(candles.splice(0)).length;
  };
  const keepSamples = (keeps: Keeps) => {
    fresh += rows.keepSamples(samples[keeps].splice(0), keeps).length;
  };
  for (const moved of rowsOf(file, nowS)) {
    if (moved.kind === 'candle') {
      if (candles.push(moved.row) === ROWS_AT_ONCE) keepCandles();
      continue;
    }
    const keeps = ruleOf(moved.row.series)?.keeps;
    if (keeps !== undefined && samples[keeps].push(moved.row) === ROWS_AT_ONCE) keepSamples(keeps);
  }
  keepCandles();
  keepSamples('first');
  keepSamples('last');
  return fresh;
}

type KeepingRows = Pick<HistoryRows, 'keepSamples' | 'keepCandles'>;

function rowsOf({ format, chunks }: MovedFile, nowS: number): Generator<MovedRow> {
  const lines = afterNpm(readLines(chunks()));
  return format === 'csv' ? readCsv(lines, nowS) : readJson(lines, nowS);
}

/** Without `--silent`, npm says which script it runs, before what the script writes and in the same place. */
function* afterNpm(lines: Iterable<Line>): Generator<Line> {
  let isNpm = true;
  for (const line of lines) {
    isNpm &&= line.text.startsWith('> ');
    if (!isNpm) yield line;
  }
}
