/** Which intervals are missing, and what to ask for them. Pure. */

import { isWithin, type Span, type Spans } from './spans.ts';
import { bucketOf } from './tiers.ts';

/** Where intervals are looked for. */
export interface Reach {
  readonly intervalS: number;
  /** The newest interval that has ended is the last one looked at; so far before now is the first, seconds. */
  readonly reachS: number;
}

/**
 * The intervals within reach that have ended by a moment, seconds since 1970; of the oldest the beginning still counts: what
 * began before is deleted where that is all that is kept.
 */
export const endedIn = ({ intervalS, reachS }: Reach, nowS: number): Span => {
  const openS = bucketOf(nowS, intervalS);
  const firstS = Math.ceil((nowS - reachS) / intervalS) * intervalS;
  return { fromS: Math.min(firstS, openS), toS: openS };
};

/**
 * From the oldest missing interval to the newest; `null` when none is missing. What lies between may be there: a page of
 * an exchange costs the same however much of it is new, and pages are asked for from the newest end on.
 * @param span where to look: whole intervals
 * @param present beginnings of intervals that are there, seconds since 1970
 * @param asked what was asked for and is not to be had
 */
export function gapIn(
  { fromS, toS }: Span,
  intervalS: number,
  present: ReadonlySet<number>,
  asked: Spans,
): Span | null {
  const isMissing = (timeS: number) => !present.has(timeS) && !isWithin(asked, timeS);
  let newestS = toS - intervalS;
  while (newestS >= fromS && !isMissing(newestS)) newestS -= intervalS;
  if (newestS < fromS) return null;
  let oldestS = fromS;
  while (!isMissing(oldestS)) oldestS += intervalS;
  return { fromS: oldestS, toS: newestS + intervalS };
}

/**
 * What to ask for a gap: also the interval before it, of which what was known last may not be its end, and the open one
 * where the gap reaches to now.
 */
export const askedFor = ({ fromS, toS }: Span, intervalS: number, nowS: number): Span => ({
  fromS: fromS - intervalS,
  toS: toS >= bucketOf(nowS, intervalS) ? toS + intervalS : toS,
});
