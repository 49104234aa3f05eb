/** Takes over what can still be read of a file that cannot be used any longer. */

import type { Database } from 'bun:sqlite';
import { ATTACHED, attachFile, detachFile } from './attach-file.ts';
import { readOnce } from './read-once.ts';

/** The tables, in the order of their worth, each with its key. */
const TABLES = [
  { table: 'document', key: 'id' },
  { table: 'budget', key: 'rowid' },
  { table: 'sample', key: 'series, interval_s, time' },
  { table: 'candle', key: 'interval_s, time, source' },
] as const;

/** Some ten times what the tiers keep of a dozen series: what is more has been put there, and is not to fill the memory. */
const MAX_ROWS = 1_000_000;

/**
 * Copies what can be read of the file at `path`; never throws. A year of data takes some hundredths of a second.
 * @param on up to date and empty, and opened so that it understands addresses
 */
export function copyFile(on: Database, path: string): void {
  try {
    attachFile(on, path);
  } catch {
    return;
  }
  for (const { table, key } of TABLES) copyTable(on, table, key);
  detachFile(on);
}

function copyTable(on: Database, table: string, key: string): void {
  try {
    const columns = sharedColumns(on, table);
    const into = `INSERT OR IGNORE INTO main.${table} (${columns.join(', ')})`;
    const from = `SELECT ${columns.join(', ')} FROM ${ATTACHED}.${table}`;
    try {
      on.run(`${into} ${from} LIMIT ${MAX_ROWS}`);
    } catch {
      // Something in it is damaged: all that lies before it, and all that lies behind.
      const insert = on.prepare(`${into} VALUES (${columns.map(() => '?').join(', ')})`);
      const ends = [key, key.replaceAll(/\w+/g, '$& DESC')];
      for (const order of ends) copyUntilDamaged(on, `${from} ORDER BY ${order}`, insert);
      insert.finalize();
    }
  } catch {
    // There is no such table, or nothing of it to be read.
  }
}

/** The columns that both have: the file may be of an earlier version. */
function sharedColumns(on: Database, table: string): readonly string[] {
  const [there = [], here = []] = [ATTACHED, 'main'].map((schema) =>
    readOnce<{ name: string }>(on, `PRAGMA ${schema}.table_info(${table})`).map(({ name }) => name),
  );
  return here.filter((name) => there.includes(name));
}

function copyUntilDamaged(
  on: Database,
  select: string,
  insert: ReturnType<Database['prepare']>,
): void {
  const rows = on.prepare(`${select} LIMIT ${MAX_ROWS}`);
  try {
    for (const row of rows.iterate()) insert.run(...Object.values(row as object));
  } catch {
    // The damage was reached.
  } finally {
    rows.finalize();
  }
}
