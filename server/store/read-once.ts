/** Statements that are used once: SQLite would keep a place for each, and there are few for those that are used all the time. */

import type { Database } from 'bun:sqlite';

/** The rows of a statement that is forgotten at once. */
export function readOnce<Row>(on: Database, sql: string): readonly Row[] {
  const statement = on.prepare<Row, []>(sql);
  try {
    return statement.all();
  } finally {
    statement.finalize();
  }
}

/** Whether SQLite finds nothing wrong with the pages and the order of the rows of `main`, or of what else is attached. */
export const isSound = (on: Database, name = 'main'): boolean =>
  readOnce<{ integrity_check: string }>(on, `PRAGMA ${name}.integrity_check(1)`)[0]
    ?.integrity_check === 'ok';
