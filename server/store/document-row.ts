/** The document that was stored last. */

import type { Database } from 'bun:sqlite';
import { comparePositions } from '../../contract/index.ts';
import { checksumOf } from './checksum.ts';
import type { StoredDocument } from './store.ts';

/** @returns `null` when there is none, or it is not as it was written */
export function loadDocument(on: Database): StoredDocument | null {
  const row = on
    .query<StoredDocument & { readonly sum: number | null }, []>(
      'SELECT epoch, seq, json, sum FROM document WHERE id = 1',
    )
    .get();
  if (row === null) return null;
  const { sum, ...document } = row;
  // Earlier versions stored none.
  return sum === null || sum === sumOf(document) ? document : null;
}

/**
 * Keeps a document unless it is none newer than what is kept.
 * @returns what is kept now
 * @param maxEpoch a stored epoch above this is not believed, and no reason to refuse one that is
 */
export function saveDocument(
  on: Database,
  document: StoredDocument,
  maxEpoch: number,
): StoredDocument {
  const save = on.transaction(() => {
    const held = loadDocument(on);
    const isBelieved = held !== null && held.epoch <= maxEpoch;
    if (isBelieved && comparePositions(held, document) >= 0) return held;
    const { epoch, seq, json } = document;
    on.query('INSERT OR REPLACE INTO document VALUES (1, ?1, ?2, ?3, ?4)').run(
      ...[epoch, seq],
      ...[json, sumOf(document)],
    );
    return document;
  });
  return save.immediate();
}

const sumOf = ({ epoch, seq, json }: StoredDocument): number => checksumOf([epoch, seq, json]);
