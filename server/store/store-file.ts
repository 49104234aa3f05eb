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
import { migrate, SCHEMA_VERSION, schemaVersion } from './migrations.ts';
import { isSound } from './read-once.ts';
import { CorruptError, isCorrupt } from './sqlite-errors.ts';

/** A file that this process may write, and no other. */
export interface StoreFile {
  readonly database: Database;
  /** Runs `action`, whose statements wait so long for whoever has locked the file, ms. */
  whileWaiting(waitMs: number, action: () => void): void;
  /** Never throws. */
  close(): void;
}

/** A process that used the file may be ending, or somebody tidying it with a tool of their own: a start waits for them. */
const OPENING_BUSY_MS = 1000;

/** A statement waits so long for a tool that locks the file for a moment, ms, and all sockets and requests with it. */
const BUSY_MS = 20;

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
    const waitFor = (ms: number) => database.run(`PRAGMA busy_timeout = ${ms}`);
    waitFor(BUSY_MS);
    return {
      database,
      whileWaiting(waitMs, action) {
        waitFor(waitMs);
        try {
          action();
        } finally {
          waitFor(BUSY_MS);
        }
      },
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
  if (!existsSync(path) && existsSync(rebuiltOf(path))) replace(path);
  try {
    return openChecked(path);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    rebuild(path);
    replace(path);
    onSetAside();
    return openChecked(path);
  }
}

/** What belongs to a file: its log, and the index of that. */
const SUFFIXES = ['', '-wal', '-shm'];

const rebuiltOf = (path: string) => `${path}.rebuilt`;
/** Kept for whoever wants to look; one is enough. */
const asideOf = (path: string) => `${path}.unreadable`;

/**
 * Makes a new file beside one that is damaged, with what can be read of it.
 * @throws when it has no room: the damaged one is still in its place
 */
function rebuild(path: string): void {
  const rebuilt = rebuiltOf(path);
  remove(rebuilt);
  const database = openChecked(rebuilt);
  try {
    copyFile(database, path);
    database.close();
  } catch (error) {
    closeQuietly(database);
    remove(rebuilt);
    throw error;
  }
  remove(asideOf(path));
}

/** Puts the new file in the place of the damaged one. A process that is killed over it does so at its next start. */
function replace(path: string): void {
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, asideOf(path) + suffix);
  }
  renameSync(rebuiltOf(path), path);
}

function remove(path: string): void {
  for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
}

function openChecked(path: string): Database {
  const { SQLITE_OPEN_READWRITE, SQLITE_OPEN_CREATE, SQLITE_OPEN_URI } = constants;
  const database = new Database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI);
  try {
    database.run(`PRAGMA busy_timeout = ${OPENING_BUSY_MS}`);
    // Before anything is written: a newer version's file stays as it is.
    const version = schemaVersion(database);
    database.run('PRAGMA journal_mode = WAL');
    database.run('PRAGMA synchronous = NORMAL');
    database.run(`PRAGMA journal_size_limit = ${MAX_IDLE_LOG_BYTES}`);
    if (!isSound(database)) throw new CorruptError();
    // Whoever has locked what is up to date is not waited for.
    if (version < SCHEMA_VERSION) database.transaction(() => migrate(database)).immediate();
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
