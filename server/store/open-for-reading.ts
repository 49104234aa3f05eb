/** Reads a store's file from outside, also while a server writes to it. */

import type { Database } from 'bun:sqlite';
import { existsSync } from 'node:fs';
import { ATTACHED, attachFile, openMemory } from './attach-file.ts';
import { readCandles } from './candle-rows.ts';
import type { HistoryRows } from './history-rows.ts';
import { NewerSchemaError, SCHEMA_VERSION } from './migrations.ts';
import { isSound } from './read-once.ts';
import { readSamples, readSeries } from './sample-rows.ts';
import { CorruptError, isBusy } from './sqlite-errors.ts';
import { type StorePlace, storePath } from './store-path.ts';

/** What can be read of a file. Every call sees the newest that was written; each may throw when the file fails by then. */
export interface ReadRows extends Pick<HistoryRows, 'samples' | 'candles' | 'series'> {
  close(): void;
}

/**
 * Why a file cannot be read:
 * - `absent` there is none
 * - `older` an earlier version wrote it, which kept no history: a server that starts there brings it up to date
 * - `newer` a later version wrote it
 * - `in_use` a process has it for itself
 * - `unreadable` it is damaged, or may not be read
 */
export type WhyUnread = 'absent' | 'older' | 'newer' | 'in_use' | 'unreadable';

/** A file that can be read, or why not. */
export type OpenedForReading =
  | { readonly kind: 'rows'; readonly rows: ReadRows }
  | { readonly kind: 'unread'; readonly why: WhyUnread };

/** A process that has just started may be putting its log in order. */
const BUSY_MS = 1000;

/**
 * Opens the file for reading; never throws. Nothing of it stays locked between two calls, so that whoever writes is not
 * kept from tidying its log, however slowly the rows are used.
 */
export function openForReading(place: StorePlace): OpenedForReading {
  const path = storePath(place);
  if (!existsSync(path)) return { kind: 'unread', why: 'absent' };
  const database = openMemory();
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    if (attachFile(database, path) < SCHEMA_VERSION) return unread(database, 'older');
    if (!isSound(database, ATTACHED)) throw new CorruptError();
  } catch (error) {
    if (error instanceof NewerSchemaError) return unread(database, 'newer');
    return unread(database, isBusy(error) ? 'in_use' : 'unreadable');
  }
  const rows: ReadRows = {
    samples: (span) => readSamples(database, span),
    candles: (span) => readCandles(database, span),
    series: () => readSeries(database),
    close: () => database.close(),
  };
  return { kind: 'rows', rows };
}

function unread(database: Database, why: WhyUnread): OpenedForReading {
  database.close();
  return { kind: 'unread', why };
}
