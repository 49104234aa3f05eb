/** The one SQLite file under `DATA_DIR`; where it cannot be had the store says why and goes on in memory. */

import type { Database } from 'bun:sqlite';
import { type Clock, maxEpochAt } from '../../contract/index.ts';
import { openMemory } from './attach-file.ts';
import { loadBudgets, saveBudget } from './budget-rows.ts';
import { keepCandles, readCandles } from './candle-rows.ts';
import { copyFile } from './copy-file.ts';
import { loadDocument, saveDocument } from './document-row.ts';
import { dropRows } from './drop-rows.ts';
import { migrate, NewerSchemaError } from './migrations.ts';
import { keepSamples, readSamples, readSeries } from './sample-rows.ts';
import { isBusy, reasonOf } from './sqlite-errors.ts';
import type { Store, StoredDocument } from './store.ts';
import { openStoreFile, type StoreFile } from './store-file.ts';
import { type StorePlace, storePath } from './store-path.ts';

/** What a store is made of. */
export interface SqliteStoreDeps {
  /** Judges the epoch that is stored. */
  readonly clock: Pick<Clock, 'now'>;
  readonly log: { warn(fields: object, message: string): void };
  /** From now on what is saved is lost with the process; called at most once, for a second process while it opens. */
  readonly onInMemory: () => void;
}

/**
 * Opens the store; never throws. In memory it begins with what can be read of the file, except of a newer version's:
 * charts and the last document outlive a disk that is full, read-only or damaged.
 */
export function openSqliteStore(deps: SqliteStoreDeps, place: StorePlace): Store {
  const { clock, log, onInMemory } = deps;
  const path = storePath(place);
  let file: StoreFile | null = null;
  let database: Database;
  /** Held besides, so that no position goes back when the file cannot be read. */
  let newest: StoredDocument | null = null;

  const load = (on: Database): StoredDocument | null => {
    newest = loadDocument(on) ?? newest;
    return newest;
  };
  const save = (on: Database, document: StoredDocument): void => {
    newest = saveDocument(on, document, maxEpochAt(clock.now()));
  };
  const toMemory = (error: unknown, message: string): Database => {
    log.warn({ reason: reasonOf(error) }, message);
    const memory = inMemory(path);
    if (newest !== null) save(memory, newest);
    file?.close();
    file = null;
    onInMemory();
    return memory;
  };
  try {
    file = openStoreFile(path, () =>
      log.warn(
        {},
        'the store was damaged; it was set aside and a new one begun with what could be read',
      ),
    );
    database = file.database;
  } catch (error) {
    database = toMemory(error, `${whyNot(error)}; figures are kept in memory only`);
  }

  /** Runs `action`; a failure moves the store into memory, once, and runs it there. */
  const attempt = <T>(action: (on: Database) => T): T => {
    try {
      return action(database);
    } catch (error) {
      if (file === null) throw error;
      database = toMemory(error, 'the store failed; figures are kept in memory from now on');
      return action(database);
    }
  };

  return {
    loadDocument: () => attempt(load),
    saveDocument: (document) => attempt((on) => save(on, document)),
    loadBudgets: () => attempt(loadBudgets),
    saveBudget: (budget) => attempt((on) => saveBudget(on, budget)),
    samples: (span) => attempt((on) => readSamples(on, span)),
    candles: (span) => attempt((on) => readCandles(on, span)),
    keepSamples: (rows, keeps) => attempt((on) => keepSamples(on, rows, keeps)),
    keepCandles: (rows) => attempt((on) => keepCandles(on, rows)),
    series: () => attempt(readSeries),
    drop: (intervalS, beforeS, fromS, limit) =>
      attempt((on) => dropRows(on, intervalS, beforeS, fromS, limit)),
    close: () => (file === null ? database.close() : file.close()),
  };
}

/** A database in memory with what can be read of the file. */
function inMemory(path: string): Database {
  const memory = openMemory();
  migrate(memory);
  copyFile(memory, path);
  return memory;
}

function whyNot(error: unknown): string {
  if (error instanceof NewerSchemaError) return 'the store was written by a newer version';
  if (isBusy(error)) return 'another process uses this DATA_DIR';
  return 'DATA_DIR cannot be written';
}
