/** How far something went, in words. */

import { directionOf, formatChangeSize } from '../format/index.ts';
import type { Words } from './widget.ts';

/** Per cent from one value to another, as the sentences of the page say it: `down 1.41%`. */
export function moveText({ t, language }: Words, first: number, last: number): string {
  const percent = percentBetween(first, last);
  const direction = directionOf(percent);
  return direction === 'flat'
    ? t('move.flat')
    : t(`move.${direction}`, { pct: formatChangeSize(percent, language) });
}

/** @param first above 0 */
export const percentBetween = (first: number, last: number): number => (last / first - 1) * 100;
