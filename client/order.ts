/** Which version may follow which. Pure. `held` is the position of the document held, `null` while there is none. */

import { comparePositions, isNoPosition, type Position } from '../contract/position.ts';

/**
 * Whether a whole document replaces the held one. A server that has read nothing yet, at `(0, 0)`, knows less than we
 * do; a document from `anew` (a connection's first, or a poll of another term) is taken whatever is held; otherwise
 * only one that is not older.
 */
export const replaces = (held: Position | null, position: Position, anew: boolean): boolean =>
  held === null || (!isNoPosition(position) && (anew || comparePositions(position, held) >= 0));

/** `next` can be applied · `old` is held already · `gap` something was missed. */
export type PatchOrder = 'next' | 'old' | 'gap';

/** Where a patch stands. */
export function orderPatch(held: Position | null, position: Position): PatchOrder {
  if (held === null) return 'gap';
  if (comparePositions(position, held) <= 0) return 'old';
  return position.epoch === held.epoch && position.seq === held.seq + 1 ? 'next' : 'gap';
}
