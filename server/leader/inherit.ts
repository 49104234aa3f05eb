/** What a term begins with: the newest document anybody of this node's knows. */

import { comparePositions } from '../../contract/index.ts';
import type { PositionedDocument } from './lease.ts';

/**
 * The newest of the documents by position; the first of equals.
 * @param own the document of this node's memory, `(0, 0)` and empty before any
 * @param others what the lease answered and what the store holds; `null` where there is none
 * @param simulated the kind this node shows: a document of the other kind counts as missing
 */
export function newestDocument(
  own: PositionedDocument,
  others: readonly (PositionedDocument | null)[],
  simulated: boolean,
): PositionedDocument {
  let newest = own;
  for (const other of others) {
    if (other === null || other.document.simulated !== simulated) continue;
    if (comparePositions(other, newest) > 0) newest = other;
  }
  return newest;
}
