/** A store's calls on one database, as they are: each is one transaction, and throws what SQLite throws. */

import type { Database } from 'bun:sqlite';
import { type Clock, maxEpochAt } from '../../contract/index.ts';
import { openMemory } from './attach-file.ts';
import { loadBudgets, saveBudget } from './budget-rows.ts';
import { keepCandles, readCandles } from './candle-rows.ts';
import { loadDocument, saveDocument } from './document-row.ts';
import { dropRows } from './drop-rows.ts';
import { migrate } from './migrations.ts';
import { keepSamples, readSamples, readSeries } from './sample-rows.ts';
import type { Store, StoredDocument } from './store.ts';

/** What a store does, without its ways out of trouble. */
export interface Tables extends Omit<Store, 'saveDocument'> {
  /** @returns what is kept now */
  saveDocument(document: StoredDocument): StoredDocument;
}

/**
 * The tables of a database.
 * @param on up to date; closed with them
 * @param clock judges the epoch that is stored
 */
export const tablesOn = (on: Database, clock: Pick<Clock, 'now'>): Tables => ({
  loadDocument: () => loadDocument(on),
  saveDocument: (document) => saveDocument(on, document, maxEpochAt(clock.now())),
  loadBudgets: () => loadBudgets(on),
  saveBudget: (budget) => saveBudget(on, budget),
  samples: (span) => readSamples(on, span),
  candles: (span) => readCandles(on, span),
  keepSamples: (rows, keeps) => keepSamples(on, rows, keeps),
  keepCandles: (rows) => keepCandles(on, rows),
  series: () => readSeries(on),
  drop: (intervalS, beforeS, fromS, limit) => dropRows(on, intervalS, beforeS, fromS, limit),
  close: () => on.close(),
});

/**
 * Tables in memory.
 * @param fill given the database, up to date and empty
 */
export function tablesInMemory(
  clock: Pick<Clock, 'now'>,
  fill: (on: Database) => void = () => {},
): Tables {
  const memory = openMemory();
  migrate(memory);
  fill(memory);
  return tablesOn(memory, clock);
}
