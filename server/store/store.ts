/** What outlives a restart of one node, under `DATA_DIR`. */

import type { Position, SourceId } from '../../contract/index.ts';
import type { HistoryRows } from './history-rows.ts';

/** A document as it was stored. */
export interface StoredDocument extends Position {
  /** The document's JSON. */
  readonly json: string;
}

/** Whose limits they are: those of an upstream's routes, or those of its stream, which are others. */
export type BudgetId = SourceId | `${SourceId}:stream`;

/** What was counted of an upstream on one day, and when it was to be left alone. */
export interface StoredBudget {
  readonly upstream: BudgetId;
  /** By the wall clock of then, in UTC: `2026-11-23`. */
  readonly day: string;
  /** Calls of that day. */
  readonly today: number;
  /** Calls of that day's month, as far as was known then. */
  readonly thisMonth: number;
  /** Calls of the minute before it was saved. */
  readonly lastMinute: number;
  /** Nobody was to call it before, ms since 1970. */
  readonly pausedUntilMs: number;
  /**
   * When this was saved, ms since 1970: how long the pause was, and how old those of the last minute are, does not depend
   * on a clock that has jumped since.
   */
  readonly savedAtMs: number;
}

/**
 * Duties of a store:
 * - never throws after it was opened, unless the caller is mistaken: a failure is logged, counted, and the store goes on
 *   in memory. That somebody else has locked the file for some seconds is none: nobody notices, and nothing is lost but by
 *   a crash;
 * - what `load` answers was written whole: a torn write is never seen.
 */
export interface Store extends HistoryRows {
  /** The last document saved; `null` when there is none or it cannot be read. */
  loadDocument(): StoredDocument | null;
  /** Keeps a document; an older position than the one kept is ignored. */
  saveDocument(document: StoredDocument): void;
  /** What is kept of upstreams, those saved last at the end; rows that cannot be true are left out. */
  loadBudgets(): readonly StoredBudget[];
  /** Keeps it in place of what was saved of that upstream and day; of an upstream some days are kept, those saved last. */
  saveBudget(budget: StoredBudget): void;
  close(): void;
}
