/** What outlives a restart of one node, under `DATA_DIR`. */

import type { Position } from '../../contract/index.ts';

/** A document as it was stored. */
export interface StoredDocument extends Position {
  /** The document's JSON. */
  readonly json: string;
}

/**
 * Duties of a store:
 * - never throws after it was opened: a failure is logged, counted, and the store goes on in memory;
 * - what `load` answers was written whole: a torn write is never seen.
 */
export interface Store {
  /** The last document saved; `null` when there is none or it cannot be read. */
  loadDocument(): StoredDocument | null;
  /** Keeps a document; an older position than the one kept is ignored. */
  saveDocument(document: StoredDocument): void;
  close(): void;
}
