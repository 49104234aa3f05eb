/** Stores in folders of their own, for tests: what they say is written down, and all is removed at the end. */

import { Database } from 'bun:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';
import { storePath } from './store-path.ts';

/** A folder and its stores. */
export interface StoreBench {
  readonly dataDir: string;
  /** The database. */
  readonly file: string;
  /** The clock of all of them; it begins at {@link NOW_MS}. */
  readonly clock: ManualClock;
  /** What was logged, one text a line. */
  readonly warnings: string[];
  /** How many stores went on in memory. */
  inMemory(): number;
  open(): Store;
  /** Closes all. */
  close(): void;
  /** Changes the file as another program would. */
  tamper(change: (database: Database) => void): void;
  /** Closes all and removes the folder. */
  end(): void;
}

/** The first moment of every store's clock, ms since 1970. */
export const NOW_MS = 1_795_000_000_000;

/** @param dataDir kept by whoever gives it; without it a new folder */
export function createStoreBench(dataDir?: string): StoreBench {
  const place = {
    dataDir: dataDir ?? mkdtempSync(join(tmpdir(), 'marketcast-store-')),
    simulated: false,
  };
  const clock = createManualClock(NOW_MS);
  const warnings: string[] = [];
  const opened: Store[] = [];
  let inMemory = 0;
  const close = () => {
    for (const store of opened.splice(0)) store.close();
  };
  return {
    dataDir: place.dataDir,
    file: storePath(place),
    clock,
    warnings,
    inMemory: () => inMemory,
    open() {
      const log = { warn: (_: object, message: string) => void warnings.push(message) };
      const onInMemory = () => void inMemory++;
      const store = openSqliteStore({ clock, log, onInMemory }, place);
      opened.push(store);
      return store;
    },
    close,
    tamper(change) {
      const database = new Database(storePath(place), { create: true });
      try {
        change(database);
      } finally {
        database.close();
      }
    },
    end() {
      close();
      if (dataDir === undefined) rmSync(place.dataDir, { recursive: true, force: true });
    },
  };
}
