/** The versioned schema of the store: each step once, in order, counted in `user_version`. */

import type { Database } from 'bun:sqlite';
import { readOnce } from './read-once.ts';

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
     sum INTEGER NOT NULL,
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
     sum INTEGER NOT NULL,
     PRIMARY KEY (interval_s, time, source)
   ) STRICT, WITHOUT ROWID;
   ALTER TABLE document ADD COLUMN sum INTEGER`,
];

/** The version of an up-to-date schema. */
export const SCHEMA_VERSION = STEPS.length;

/** The file was written by a version of the program that knows more steps. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError';
}

/**
 * The version of the schema of `main`, or of another database that is attached.
 * @throws NewerSchemaError for one that this program does not know: it is to be left untouched
 */
export function schemaVersion(database: Database, name = 'main'): number {
  const [row] = readOnce<{ user_version: number }>(database, `PRAGMA ${name}.user_version`);
  const version = row?.user_version ?? 0;
  if (version > SCHEMA_VERSION) throw new NewerSchemaError();
  return version;
}

/**
 * Brings the schema up to date; the caller holds the transaction.
 * @throws NewerSchemaError as above
 */
export function migrate(database: Database): void {
  const version = schemaVersion(database);
  // A disk that is full can still be read, as long as nothing is to be written.
  if (version === SCHEMA_VERSION) return;
  for (const step of STEPS.slice(version)) database.run(step);
  database.run(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}
