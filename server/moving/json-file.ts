/** Rows as JSON: one object, laid out with a row a line, so that a file of any size is read line by line. */

import type { MovedRow } from './moved-row.ts';
import type { Line } from './read-lines.ts';
import { readRecord, recordOf } from './record.ts';
import { WrongFile } from './wrong-file.ts';

/** Of the layout and the rows' keys; counted up when a file of old can no longer be read the same way. */
const FORMAT_VERSION = 1;
const BEGINNING = `{"format_version":${FORMAT_VERSION},"series":{`;
const END = '}}';
/** Where the rows of a series begin. */
const SERIES = /^"([\w:]{1,40})":\[$/;
const ROWS_END = /^\],?$/;
const VERSION = /^\{"format_version":(\d+),/;

/**
 * A file in pieces.
 * @param rows by series
 */
export function* writeJson(
  rows: Iterable<readonly [name: string, rows: Iterable<MovedRow>]>,
): Generator<string> {
  yield BEGINNING;
  let beforeSeries = '\n';
  for (const [name, ofSeries] of rows) {
    yield `${beforeSeries}${JSON.stringify(name)}:[`;
    beforeSeries = ',\n';
    let beforeRow = '\n';
    for (const moved of ofSeries) {
      yield `${beforeRow}${JSON.stringify(recordOf(moved))}`;
      beforeRow = ',\n';
    }
    yield '\n]';
  }
  yield `\n${END}\n`;
}

/** What may stand on the next line. */
type Place =
  | { readonly in: 'file' }
  /** `isMore`: after a comma; `null` at the list's beginning, where either may come. */
  | { readonly in: 'series'; readonly isMore: boolean | null }
  | { readonly in: 'rows'; readonly name: string; readonly isMore: boolean | null }
  | { readonly in: 'nothing' };

/**
 * The rows of a file.
 * @throws WrongFile at the first line that is wrong
 */
export function* readJson(lines: Iterable<Line>, nowS: number): Generator<MovedRow> {
  let place: Place = { in: 'file' };
  let last = 0;
  for (const line of lines) {
    last = line.number;
    if (place.in === 'rows' && !ROWS_END.test(line.text)) {
      yield rowOf(place, line, nowS);
      place = { in: 'rows', name: place.name, isMore: line.text.endsWith(',') };
    } else place = placeAfter(place, line);
  }
  if (place.in !== 'nothing') throw new WrongFile(last + 1, 'the file ends too early');
}

function rowOf(place: Place & { in: 'rows' }, { number, text }: Line, nowS: number): MovedRow {
  if (place.isMore === false) throw new WrongFile(number, 'a comma is missing before this row');
  const read = readRecord(place.name, parse(number, text.replace(/,$/, '')), nowS);
  if (read.kind === 'wrong') throw new WrongFile(number, read.reason);
  return read;
}

function parse(number: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WrongFile(number, 'a row must stand here on a line of its own, as export writes it');
  }
}

/** @throws WrongFile when that line cannot stand there */
function placeAfter(place: Place, { number, text }: Line): Place {
  if (place.in === 'file') return placeAfterFirst(number, text);
  if (place.in === 'nothing') throw new WrongFile(number, 'nothing may follow the end');
  if (place.in === 'rows') {
    if (place.isMore === true) throw new WrongFile(number, 'a row must follow the comma');
    return { in: 'series', isMore: text.endsWith(',') };
  }
  const name = place.isMore === false ? undefined : SERIES.exec(text)?.[1];
  if (name !== undefined) return { in: 'rows', name, isMore: null };
  if (place.isMore !== true && text === END) return { in: 'nothing' };
  throw new WrongFile(number, 'a series or the end must stand here, as export writes it');
}

function placeAfterFirst(number: number, text: string): Place {
  if (text === BEGINNING) return { in: 'series', isMore: null };
  const version = VERSION.exec(text)?.[1];
  const isOther = version !== undefined && version !== String(FORMAT_VERSION);
  throw new WrongFile(
    number,
    isOther
      ? `only format_version ${FORMAT_VERSION} can be read`
      : `the file must begin with ${BEGINNING} on a line of its own, as export writes it`,
  );
}
