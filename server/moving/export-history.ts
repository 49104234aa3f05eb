/** Kept rows → a file. */

import { writeCsv } from './csv-file.ts';
import { writeJson } from './json-file.ts';
import { keptRows, type ReadableRows } from './kept-rows.ts';
import type { FileFormat, MovedRow } from './moved-row.ts';

/** What goes into a file. */
export interface ExportOptions {
  /** Series that are kept, each once. */
  readonly names: readonly string[];
  readonly format: FileFormat;
  /** Seconds since 1970. */
  readonly nowS: number;
}

/** How many rows went into a file, and how many did not. */
export interface ExportCount {
  rows: number;
  /** Not sound: no server of ours would take them in. */
  leftOut: number;
}

/** Characters of a piece: large enough that writing is cheap, small enough for any pipe. */
const PIECE_CHARACTERS = 64_000;

/**
 * A file in pieces.
 * @param count is kept up to date as the pieces are taken
 */
export function* exportHistory(
  rows: ReadableRows,
  { names, format, nowS }: ExportOptions,
  count: ExportCount,
): Generator<string> {
  const rowsNamed = function* (name: string): Generator<MovedRow> {
    for (const moved of keptRows(rows, name, nowS, () => void count.leftOut++)) {
      count.rows += 1;
      yield moved;
    }
  };
  yield* inPieces(
    format === 'csv'
      ? writeCsv(names.values().flatMap(rowsNamed))
      : writeJson(names.values().map((name) => [name, rowsNamed(name)] as const)),
  );
}

function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}
