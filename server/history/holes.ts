/** What nobody could tell of, remembered for a while: who has nothing now may have it later. Pure. */

import { MAX_SPANS, type Span, type Spans, withSpan } from './spans.ts';

/** A span that is not asked for again for now. */
export interface Hole extends Span {
  /** From when it was noted to when it is asked for again, ms. */
  readonly waitMs: number;
  /** Until then, on the monotonic clock. */
  readonly untilMs: number;
}

/** Oldest first. */
export type Holes = readonly Hole[];

/** An exchange that answers with empty pages is well again by then, most likely. */
export const FIRST_HOLE_MS = 3_600_000;
/** Twice as long each time that it is still a hole, up to this: before a market's first day there is never anything. */
export const MAX_HOLE_MS = 24 * FIRST_HOLE_MS;

/** With one more, which waits longer than what was there of it before. */
export function withHole(holes: Holes, { fromS, toS }: Span, nowMs: number): Holes {
  if (toS <= fromS) return holes;
  const isOver = ({ untilMs }: Hole) => untilMs <= nowMs;
  const touched = holes.filter((hole) => hole.fromS < toS && hole.toS > fromS);
  const waits = touched.map((hole) => (isOver(hole) ? 2 * hole.waitMs : hole.waitMs));
  const waitMs = Math.min(MAX_HOLE_MS, Math.max(FIRST_HOLE_MS, ...waits));
  const isReplaced = (hole: Hole) =>
    touched.includes(hole) && (isOver(hole) || (hole.fromS >= fromS && hole.toS <= toS));
  return [
    ...holes.filter((hole) => !isReplaced(hole)),
    { fromS, toS, waitMs, untilMs: nowMs + waitMs },
  ]
    .sort((a, b) => a.fromS - b.fromS)
    .slice(-MAX_SPANS);
}

/** Those that are not to be asked for now. */
export const spansOfHoles = (holes: Holes, nowMs: number): Spans =>
  holes.filter(({ untilMs }) => untilMs > nowMs).reduce<Spans>(withSpan, []);

/** When the first of those is to be asked for again; endless when there is none. */
export const firstEndMs = (holes: Holes, nowMs: number): number =>
  Math.min(
    Number.POSITIVE_INFINITY,
    ...holes.map(({ untilMs }) => untilMs).filter((untilMs) => untilMs > nowMs),
  );
