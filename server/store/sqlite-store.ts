/** The one SQLite file under `DATA_DIR`; where it cannot be had the store says why and goes on in memory. */

import type { Clock } from '../../contract/index.ts';
import { copyFile } from './copy-file.ts';
import { NewerSchemaError } from './migrations.ts';
import { createPatientTables, type PatientTables } from './patient-tables.ts';
import { isBusy, isFailure, reasonOf } from './sqlite-errors.ts';
import type { Store, StoredDocument } from './store.ts';
import { openStoreFile } from './store-file.ts';
import { type StorePlace, storePath } from './store-path.ts';
import { type Tables, tablesInMemory } from './tables.ts';

/** What a store is made of. */
export interface SqliteStoreDeps {
  /** Judges the epoch that is stored, and how long somebody else's lock lasts. */
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void };
  /** From now on what is saved is lost with the process; called at most once, for a second process while it opens. */
  readonly onInMemory: () => void;
}

const SET_ASIDE =
  'the store was damaged; it was set aside and a new one begun with what could be read';
const FAILED = 'the store failed; figures are kept in memory from now on';

/**
 * Opens the store; never throws. In memory it begins with what can be read of the file, except of a newer version's:
 * charts and the last document outlive a disk that is full, read-only or damaged.
 */
export function openSqliteStore(deps: SqliteStoreDeps, place: StorePlace): Store {
  /** Held besides, so that no position goes back when the file cannot be read. */
  let newest: StoredDocument | null = null;
  const { attempt, close } = openHome(deps, place, (memory) => {
    if (newest !== null) memory.saveDocument(newest);
  });
  return {
    loadDocument: () =>
      attempt((on) => {
        newest = on.loadDocument() ?? newest;
        return newest;
      }),
    saveDocument: (document) =>
      attempt((on) => {
        newest = on.saveDocument(document);
      }),
    loadBudgets: () => attempt((on) => on.loadBudgets()),
    saveBudget: (budget) => attempt((on) => on.saveBudget(budget)),
    samples: (span) => attempt((on) => on.samples(span)),
    candles: (span) => attempt((on) => on.candles(span)),
    keepSamples: (rows, keeps) => attempt((on) => on.keepSamples(rows, keeps)),
    keepCandles: (rows) => attempt((on) => on.keepCandles(rows)),
    series: () => attempt((on) => on.series()),
    drop: (...bounds) => attempt((on) => on.drop(...bounds)),
    close,
  };
}

/** Where the tables are: in the file, as long as it can be used. */
interface Home {
  /** Runs `action`; a failure of the file moves everything into memory, once, and runs it there. */
  attempt<T>(action: (on: Tables) => T): T;
  close(): void;
}

/** @param intoMemory told of the tables in memory, which have what could be read of the file */
function openHome(
  { clock, log, onInMemory }: SqliteStoreDeps,
  place: StorePlace,
  intoMemory: (memory: Tables) => void,
): Home {
  const path = storePath(place);
  let inFile: PatientTables | null = null;
  let tables: Tables;

  const toMemory = (error: unknown, message: string): Tables => {
    // A caller's mistake would be one in memory too.
    if (!isFailure(error)) throw error;
    log.warn({ reason: reasonOf(error) }, message);
    const memory = tablesInMemory(clock, (on) => copyFile(on, path));
    intoMemory(memory);
    inFile?.leaveTo(memory);
    inFile = null;
    onInMemory();
    return memory;
  };
  const giveUp = (error: unknown) => {
    tables = toMemory(error, FAILED);
  };
  const attempt = <T>(action: (on: Tables) => T): T => {
    try {
      return action(tables);
    } catch (error) {
      if (inFile === null) throw error;
      giveUp(error);
      return action(tables);
    }
  };
  try {
    const file = openStoreFile(path, () => log.warn({}, SET_ASIDE));
    inFile = createPatientTables(file, clock, giveUp);
    tables = inFile;
  } catch (error) {
    tables = toMemory(error, `${whyNot(error)}; figures are kept in memory only`);
  }
  return {
    attempt,
    close() {
      attempt(() => inFile?.settle());
      tables.close();
    },
  };
}

function whyNot(error: unknown): string {
  if (error instanceof NewerSchemaError) return 'the store was written by a newer version';
  if (isBusy(error)) return 'another process uses this DATA_DIR';
  return 'DATA_DIR cannot be written';
}
