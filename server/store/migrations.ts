/** The versioned schema of the store: each step once, in order, counted in `user_version`. */

import type { Database } from 'bun:sqlite';

/** Steps from an empty file to the present schema. Never edit a step that was released: add one. */
const STEPS: readonly string[] = [
  `CREATE TABLE document (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     epoch INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     json TEXT NOT NULL
   ) STRICT`,
  `CREATE TABLE budget (
     upstream TEXT NOT NULL,
     day TEXT NOT NULL,
     today INTEGER NOT NULL,
     this_month INTEGER NOT NULL,
     paused_until_ms INTEGER NOT NULL,
     saved_at_ms INTEGER NOT NULL,
     UNIQUE (upstream, day)
   ) STRICT`,
  'ALTER TABLE budget ADD COLUMN last_minute INTEGER NOT NULL DEFAULT 0',
  `CREATE TABLE sample (
     series TEXT NOT NULL,
     interval_s INTEGER NOT NULL,
     time INTEGER NOT NULL,
     value REAL NOT NULL,
     source TEXT NOT NULL,
     as_of_s INTEGER NOT NULL,
     PRIMARY KEY (series, interval_s, time)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE candle (
     interval_s INTEGER NOT NULL,
     time INTEGER NOT NULL,
     source TEXT NOT NULL,
     open REAL NOT NULL,
     high REAL NOT NULL,
     low REAL NOT NULL,
     close REAL NOT NULL,
     volume REAL NOT NULL,
     as_of_s INTEGER NOT NULL,
     PRIMARY KEY (interval_s, time, source)
   ) STRICT, WITHOUT ROWID`,
];

/** The file was written by a version of the program that knows more steps. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError';
}

/**
 * Brings the schema up to date; the caller holds the transaction.
 * @throws NewerSchemaError for a file of a newer version, which is left untouched
 */
export function migrate(database: Database): void {
  const row = database.query<{ user_version: number }, []>('PRAGMA user_version').get();
  const version = row?.user_version ?? 0;
  if (version > STEPS.length) throw new NewerSchemaError();
  for (const step of STEPS.slice(version)) database.run(step);
  database.run(`PRAGMA user_version = ${STEPS.length}`);
}
