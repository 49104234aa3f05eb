/** The one SQLite file under `DATA_DIR`; where it cannot be had the store says why and goes on in memory. */

import { Database } from 'bun:sqlite';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, maxEpochAt } from '../../contract/index.ts';
import { loadBudgets, saveBudget } from './budget-rows.ts';
import {
  dropRows,
  keepCandles,
  keepSamples,
  readCandles,
  readSamples,
  readSeries,
} from './history-tables.ts';
import { migrate, NewerSchemaError } from './migrations.ts';
import type { Store, StoredDocument } from './store.ts';

/** What a store is made of. */
export interface SqliteStoreDeps {
  /** Judges the epoch that is stored. */
  readonly clock: Pick<Clock, 'now'>;
  readonly log: { warn(fields: object, message: string): void };
  /** From now on what is saved is lost with the process; called at most once. */
  readonly onInMemory: () => void;
}

/** Where the store is. */
export interface SqliteStoreOptions {
  readonly dataDir: string;
  /** A file of its own for simulated figures, so that the two kinds never mix. */
  readonly simulated: boolean;
}

/** Opens the store; never throws. */
export function openSqliteStore(deps: SqliteStoreDeps, options: SqliteStoreOptions): Store {
  const { clock, log, onInMemory } = deps;
  const { dataDir, simulated } = options;
  const path = join(dataDir, simulated ? 'marketcast-simulated.sqlite' : 'marketcast.sqlite');
  let isInMemory = false;
  let database: Database;
  const toMemory = (error: unknown, message: string) => {
    log.warn({ reason: reasonOf(error) }, message);
    isInMemory = true;
    onInMemory();
    return inMemory();
  };
  try {
    mkdirSync(dataDir, { recursive: true });
    database = openFile(path, log);
  } catch (error) {
    database = toMemory(error, `${whyNot(error)}; figures are kept in memory only`);
  }

  /** Runs `action`; a failure moves the store into memory, once, and runs it there. */
  const attempt = <T>(action: (on: Database) => T): T => {
    try {
      return action(database);
    } catch (error) {
      if (isInMemory) throw error;
      closeQuietly(database);
      database = toMemory(error, 'the store failed; figures are kept in memory from now on');
      return action(database);
    }
  };

  return {
    loadDocument: () => attempt(load),
    saveDocument: (document) => attempt((on) => save(on, document, maxEpochAt(clock.now()))),
    loadBudgets: () => attempt(loadBudgets),
    saveBudget: (budget) => attempt((on) => saveBudget(on, budget)),
    samples: (span) => attempt((on) => readSamples(on, span)),
    candles: (span) => attempt((on) => readCandles(on, span)),
    keepSamples: (rows, keeps) => attempt((on) => keepSamples(on, rows, keeps)),
    keepCandles: (rows) => attempt((on) => keepCandles(on, rows)),
    series: () => attempt(readSeries),
    drop: (intervalS, beforeS, fromS, limit) =>
      attempt((on) => dropRows(on, intervalS, beforeS, fromS, limit)),
    close: () => closeQuietly(database),
  };
}

function load(on: Database): StoredDocument | null {
  const row = on
    .query<StoredDocument, []>('SELECT epoch, seq, json FROM document WHERE id = 1')
    .get();
  return row ? { epoch: row.epoch, seq: row.seq, json: row.json } : null;
}

/** A stored epoch that is not believed is no reason to refuse one that is. */
function save(on: Database, { epoch, seq, json }: StoredDocument, highest: number): void {
  on.query(
    `INSERT INTO document (id, epoch, seq, json) VALUES (1, ?1, ?2, ?3)
     ON CONFLICT (id) DO UPDATE SET epoch = ?1, seq = ?2, json = ?3
     WHERE (epoch, seq) < (?1, ?2) OR epoch > ?4`,
  ).run(epoch, seq, json, highest);
}

function openFile(path: string, log: SqliteStoreDeps['log']): Database {
  try {
    return openChecked(path);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    // Kept beside the new file for whoever wants to look; one is enough.
    renameSync(path, `${path}.unreadable`);
    for (const suffix of ['-wal', '-shm']) {
      if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.unreadable${suffix}`);
    }
    log.warn({}, 'the store could not be read; it was set aside and a new one begun');
    return openChecked(path);
  }
}

function openChecked(path: string): Database {
  const database = new Database(path, { create: true, strict: true });
  try {
    // One process a file: a second one finds it locked and keeps its store in memory.
    database.run('PRAGMA locking_mode = EXCLUSIVE');
    database.run('PRAGMA busy_timeout = 0');
    database.run('PRAGMA journal_mode = WAL');
    database.run('PRAGMA synchronous = NORMAL');
    const check = database.query<{ quick_check: string }, []>('PRAGMA quick_check(1)').get();
    if (check?.quick_check !== 'ok') throw new CorruptError();
    // Takes the lock now rather than at the first save.
    database.run('BEGIN EXCLUSIVE');
    migrate(database);
    database.run('COMMIT');
    return database;
  } catch (error) {
    closeQuietly(database);
    throw error;
  }
}

function inMemory(): Database {
  const database = new Database(':memory:', { strict: true });
  migrate(database);
  return database;
}

/** The file is a database, but a damaged one. */
class CorruptError extends Error {
  override readonly name = 'CorruptError';
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const isCorrupt = (error: unknown): boolean =>
  error instanceof CorruptError || /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));

function whyNot(error: unknown): string {
  if (error instanceof NewerSchemaError) return 'the store was written by a newer version';
  if (codeOf(error).startsWith('SQLITE_BUSY')) return 'another process uses this DATA_DIR';
  return 'DATA_DIR cannot be written';
}

const reasonOf = (error: unknown): string =>
  codeOf(error) || (error instanceof Error ? error.name : 'unknown');

function closeQuietly(database: Database): void {
  try {
    database.close();
  } catch {
    // Nothing is left to be done with a file that cannot even be closed.
  }
}
