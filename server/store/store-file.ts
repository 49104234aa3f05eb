/** The file that one process writes: locked, looked through, brought up to date; a damaged one is set aside. */

import { constants, Database } from 'bun:sqlite';
import {
  accessSync,
  existsSync,
  constants as fileConstants,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { copyFile } from './copy-file.ts';
import { migrate, schemaVersion } from './migrations.ts';
import { isSound } from './read-once.ts';
import { CorruptError, isCorrupt } from './sqlite-errors.ts';

/** A file that this process may write, and no other. */
export interface StoreFile {
  readonly database: Database;
  /** Never throws. */
  close(): void;
}

/** Nobody else writes; but somebody may be looking with a tool of their own that locks the file for a moment. */
const BUSY_MS = 1000;

/** The log is cut down to this when it was longer: it grows while somebody reads. */
const MAX_IDLE_LOG_BYTES = 8 * 1024 * 1024;

/**
 * Opens the file, and makes it where there is none.
 * @param onSetAside what was there is damaged; it lies beside the new file, which has what could be read of it
 * @throws the error of SQLite or of the system, or NewerSchemaError for a file that is left as it is
 */
export function openStoreFile(path: string, onSetAside: () => void): StoreFile {
  mkdirSync(dirname(path), { recursive: true });
  const lock = takeLock(`${path}.lock`);
  try {
    const database = openOrSetAside(path, onSetAside);
    return {
      database,
      close() {
        closeQuietly(database);
        closeQuietly(lock);
      },
    };
  } catch (error) {
    closeQuietly(lock);
    throw error;
  }
}

/**
 * One process a file. The lock is on a file of its own, which stays empty: the other one can be read by everybody while
 * it is written. The system gives it back when the process ends, however that ends.
 * @throws SQLITE_BUSY when another process has it
 */
function takeLock(path: string): Database {
  try {
    return lockWhole(path);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    truncateSync(path);
    return lockWhole(path);
  }
}

function lockWhole(path: string): Database {
  const lock = new Database(path, { create: true });
  try {
    lock.run('PRAGMA busy_timeout = 0');
    // Else a journal would lie beside it.
    lock.run('PRAGMA journal_mode = MEMORY');
    lock.run('BEGIN EXCLUSIVE');
    // Of a file that is read-only nothing was locked.
    accessSync(path, fileConstants.W_OK);
    return lock;
  } catch (error) {
    closeQuietly(lock);
    throw error;
  }
}

function openOrSetAside(path: string, onSetAside: () => void): Database {
  try {
    return openChecked(path);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    // Kept for whoever wants to look; one is enough.
    const aside = `${path}.unreadable`;
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(aside + suffix, { force: true });
      if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    }
    onSetAside();
    const database = openChecked(path);
    copyFile(database, aside);
    return database;
  }
}

function openChecked(path: string): Database {
  const { SQLITE_OPEN_READWRITE, SQLITE_OPEN_CREATE, SQLITE_OPEN_URI } = constants;
  const database = new Database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI);
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    // Before anything is written: a newer version's file stays as it is.
    schemaVersion(database);
    database.run('PRAGMA journal_mode = WAL');
    database.run('PRAGMA synchronous = NORMAL');
    database.run(`PRAGMA journal_size_limit = ${MAX_IDLE_LOG_BYTES}`);
    if (!isSound(database)) throw new CorruptError();
    database.transaction(() => migrate(database)).immediate();
    // What is read-only is opened as well, and would fail at the first row.
    accessSync(path, fileConstants.W_OK);
    return database;
  } catch (error) {
    closeQuietly(database);
    throw error;
  }
}

/** Closes a database, whatever has become of it. */
function closeQuietly(database: Database): void {
  try {
    database.close();
  } catch {
    // Nothing is left to be done with a file that cannot even be closed.
  }
}
