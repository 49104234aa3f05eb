/** Brings a store's file to where it can be read, whatever can be written beside it; the file itself stays as it is. */

import { constants, Database } from 'bun:sqlite';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { NewerSchemaError, schemaVersion } from './migrations.ts';
import { isBusy, isCorrupt } from './sqlite-errors.ts';

/** What an attached file is called in statements. */
export const ATTACHED = 'file';

/** Ways to open a file, each for where those before it fail. */
const WAYS = [
  // Beside a process that writes, as every reader does: through the index of the log, which all share.
  { query: 'mode=ro', isAlone: false, readsLog: true },
  // The index cannot be made, on a full disk or one that is read-only: one of our own, in memory.
  { query: 'mode=ro&vfs=unix-none', isAlone: true, readsLog: true },
  // There is no log, and it cannot be made.
  { query: 'mode=ro&immutable=1', isAlone: true, readsLog: false },
] as const;

/** An empty database in memory, to which files can be attached. */
export function openMemory(): Database {
  const { SQLITE_OPEN_READWRITE, SQLITE_OPEN_CREATE, SQLITE_OPEN_URI } = constants;
  return new Database(':memory:', SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI);
}

/**
 * Attaches the file for reading.
 * @param on opened so that it understands addresses, as {@link openMemory} does
 * @returns the version of its schema
 * @throws NewerSchemaError, or the error of SQLite; nothing is attached then
 */
export function attachFile(on: Database, path: string): number {
  const { href } = Bun.pathToFileURL(resolve(path));
  let failed: unknown;
  for (const { query, isAlone, readsLog } of WAYS) {
    // Without its log a file may be of no moment at all.
    if (!readsLog && hasLog(path)) continue;
    try {
      // Of what is attached from now on: SQLite looks into it at once, and needs no index that is shared with nobody.
      on.run(`PRAGMA locking_mode = ${isAlone ? 'EXCLUSIVE' : 'NORMAL'}`);
      on.run('PRAGMA main.locking_mode = NORMAL');
      on.run(`ATTACH ?1 AS ${ATTACHED}`, [`${href}?${query}`]);
      return schemaVersion(on, ATTACHED);
    } catch (error) {
      failed = error;
      detachFile(on);
      // Somebody else has it for himself, or another way would find it no other.
      if (isBusy(error) || isCorrupt(error) || error instanceof NewerSchemaError) break;
    }
  }
  throw failed;
}

/** Lets go of what was attached; nothing when nothing was. */
export function detachFile(on: Database): void {
  try {
    on.run(`DETACH ${ATTACHED}`);
  } catch {
    // It was not attached.
  }
}

const hasLog = (path: string): boolean =>
  (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
