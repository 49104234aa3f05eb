/** Takes over what can still be read of a file that cannot be used any longer. */

import type { Database } from 'bun:sqlite';
import { ATTACHED, attachFile, detachFile } from './attach-file.ts';
import { readOnce } from './read-once.ts';
import { isFailure, isRowRefused } from './sqlite-errors.ts';

/** The tables, in the order of their worth, each with its key. */
const TABLES = [
  { table: 'document', key: 'id' },
  { table: 'budget', key: 'rowid' },
  { table: 'sample', key: 'series, interval_s, time' },
  { table: 'candle', key: 'interval_s, time, source' },
] as const;

/** Some ten times what the tiers keep of a dozen series: what is more has been put there, and is not to fill the memory. */
const MAX_ROWS = 1_000_000;

/** Rows of a damaged table that are written together: a disk takes its time for every transaction. */
const ROWS_AT_ONCE = 10_000;

/**
 * Copies what can be read of the file at `path`. A year of data takes some hundredths of a second.
 * @param on up to date and empty, and opened so that it understands addresses
 * @throws the error of SQLite when what was read cannot be written; that the file cannot be read is none
 */
export function copyFile(on: Database, path: string): void {
  try {
    attachFile(on, path);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return;
  }
  try {
    for (const { table, key } of TABLES) copyTable(on, table, key);
  } finally {
    detachFile(on);
  }
}

function copyTable(on: Database, table: string, key: string): void {
  const columns = sharedColumns(on, table);
  if (columns.length === 0) return;
  const into = `INSERT OR IGNORE INTO main.${table} (${columns.join(', ')})`;
  const from = `SELECT ${columns.join(', ')} FROM ${ATTACHED}.${table}`;
  try {
    on.run(`${into} ${from} LIMIT ${MAX_ROWS}`);
  } catch (error) {
    if (!isFailure(error) && !isRowRefused(error)) throw error;
    // Read and written one after the other, it is seen which of the two fails.
    const insert = on.prepare(`${into} VALUES (${columns.map(() => '?').join(', ')})`);
    const insertAll = on.transaction((rows: readonly Row[]) => {
      for (const row of rows) insertRow(insert, row);
    });
    try {
      // All that lies before the damage, and all that lies behind it.
      for (const order of [key, key.replaceAll(/\w+/g, '$& DESC')]) {
        const rows = soundRows(on, `${from} ORDER BY ${order}`);
        for (let piece = take(rows); piece.length > 0; piece = take(rows)) insertAll(piece);
      }
    } finally {
      insert.finalize();
    }
  }
}

type Row = Parameters<Insert['run']>;
type Insert = ReturnType<Database['prepare']>;

/** Passes over what is no row of that table: it is damaged too. */
function insertRow(insert: Insert, row: Row): void {
  try {
    insert.run(...row);
  } catch (error) {
    if (!isRowRefused(error)) throw error;
  }
}

/** The columns that both have: the file may be of an earlier version. None when that cannot be read. */
function sharedColumns(on: Database, table: string): readonly string[] {
  try {
    const [there = [], here = []] = [ATTACHED, 'main'].map((schema) =>
      readOnce<{ name: string }>(on, `PRAGMA ${schema}.table_info(${table})`).map(
        ({ name }) => name,
      ),
    );
    return here.filter((name) => there.includes(name));
  } catch (error) {
    if (!isFailure(error)) throw error;
    return [];
  }
}

/** The rows of a query up to the first damage; to be read while no transaction runs, which would not outlive that. */
function* soundRows(on: Database, select: string): Generator<Row> {
  let statement: ReturnType<Database['prepare']> | null = null;
  try {
    statement = on.prepare(`${select} LIMIT ${MAX_ROWS}`);
    for (const row of statement.iterate()) yield Object.values(row as object);
  } catch (error) {
    if (!isFailure(error)) throw error;
  } finally {
    statement?.finalize();
  }
}

/** The next rows, as many as one transaction takes; none at the end. */
function take(rows: Iterator<Row>): readonly Row[] {
  const piece: Row[] = [];
  while (piece.length < ROWS_AT_ONCE) {
    const { done, value } = rows.next();
    if (done) break;
    piece.push(value);
  }
  return piece;
}
