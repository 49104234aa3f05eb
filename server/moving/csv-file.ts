/** Rows as CSV: samples and candles under one header, so that one file can hold everything. */

import { COLUMNS, type Column, type MovedRow } from './moved-row.ts';
import type { Line } from './read-lines.ts';
import { type Read, type RowRecord, readRecord, recordOf } from './record.ts';
import { WrongFile } from './wrong-file.ts';

/** The first line of every file. */
export const CSV_HEADER = COLUMNS.join(',');

/** Columns that hold text; all others hold numbers. */
const TEXT_COLUMNS: ReadonlySet<Column> = new Set(['series', 'source', 'as_of']);
/** As JSON writes numbers, and no longer than any of ours could be. */
const NUMBER = /^-?\d{1,25}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?$/;
/** A field that some program has quoted without need; none of ours holds a quote or a comma. */
const QUOTED = /^"([^"]*)"$/;

/** A file in pieces. */
export function* writeCsv(rows: Iterable<MovedRow>): Generator<string> {
  yield `${CSV_HEADER}\n`;
  for (const moved of rows) yield `${lineOf(moved)}\n`;
}

function lineOf(moved: MovedRow): string {
  const record: RowRecord = { series: moved.name, ...recordOf(moved) };
  return COLUMNS.map((column) => record[column] ?? '').join(',');
}

/**
 * The rows of a file.
 * @throws WrongFile at the first line that is wrong
 */
export function* readCsv(lines: Iterable<Line>, nowS: number): Generator<MovedRow> {
  let hasHeader = false;
  for (const { number, text } of lines) {
    const fields = text.split(',').map((field) => QUOTED.exec(field)?.[1] ?? field);
    if (hasHeader) {
      const read = readFields(fields, nowS);
      if (read.kind === 'wrong') throw new WrongFile(number, read.reason);
      yield read;
    } else if (fields.join(',') === CSV_HEADER) hasHeader = true;
    else throw new WrongFile(number, `the first line must be ${CSV_HEADER}`);
  }
  if (!hasHeader) throw new WrongFile(1, `the first line must be ${CSV_HEADER}`);
}

function readFields(fields: readonly string[], nowS: number): Read {
  if (fields.length !== COLUMNS.length) {
    return { kind: 'wrong', reason: `a row has ${COLUMNS.length} fields` };
  }
  const [series = '', ...values] = fields;
  const record: Record<string, string | number> = {};
  for (const [index, column] of COLUMNS.slice(1).entries()) {
    const text = values[index] ?? '';
    if (text === '') continue;
    if (TEXT_COLUMNS.has(column)) record[column] = text;
    else if (NUMBER.test(text)) record[column] = Number(text);
    else return { kind: 'wrong', reason: `${column} must be a number` };
  }
  return readRecord(series, record, nowS);
}
