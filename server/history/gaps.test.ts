import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { askedFor, endedIn, gapIn } from './gaps.ts';
import { isWithin, MAX_SPANS, type Spans, spansBefore, withSpan } from './spans.ts';

const REACH = { intervalS: 300, reachS: 3040 };
/** 40 s into an interval. */
const NOW_S = 1_795_392_040;
const OPEN_S = NOW_S - 40;
const SPAN = { fromS: OPEN_S - 3000, toS: OPEN_S };

/** Beginnings of intervals, counted back from the open one. */
const back = (...counts: readonly number[]) => new Set(counts.map((n) => OPEN_S - n * 300));
const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const allBut = (...missing: readonly number[]) => back(...all.filter((n) => !missing.includes(n)));

describe('a gap', () => {
  test('is looked for in the intervals that have ended, as far back as is told', () => {
    expect(endedIn(REACH, NOW_S)).toEqual({ fromS: OPEN_S - 3000, toS: OPEN_S });
    expect(endedIn(REACH, OPEN_S)).toEqual({ fromS: OPEN_S - 3000, toS: OPEN_S });
  });

  test('is none where all of them are there; the open one is not missed', () => {
    expect(gapIn(SPAN, 300, allBut(), [])).toBeNull();
  });

  test('is all of it where nothing is there', () => {
    expect(gapIn(SPAN, 300, new Set(), [])).toEqual({ fromS: OPEN_S - 3000, toS: OPEN_S });
  });

  test('reaches from the oldest that is missing to the newest', () => {
    expect(gapIn(SPAN, 300, allBut(3, 4, 8), [])).toEqual({
      fromS: OPEN_S - 8 * 300,
      toS: OPEN_S - 2 * 300,
    });
  });

  test('leaves out what was asked for before', () => {
    const asked = [{ fromS: OPEN_S - 8 * 300, toS: OPEN_S - 2 * 300 }];
    expect(gapIn(SPAN, 300, allBut(3, 4, 8), asked)).toEqual(null);
    expect(gapIn(SPAN, 300, allBut(2, 4, 9), asked)).toEqual({
      fromS: OPEN_S - 9 * 300,
      toS: OPEN_S - 300,
    });
  });

  test('is none in a span of no length', () => {
    const span = endedIn({ intervalS: 300, reachS: -900 }, NOW_S);
    expect(span).toEqual({ fromS: OPEN_S, toS: OPEN_S });
    expect(gapIn(span, 300, new Set(), [])).toBeNull();
  });

  test('is asked for with the interval before it, and with the open one only where it reaches to now', () => {
    const gap = { fromS: OPEN_S - 900, toS: OPEN_S };
    expect(askedFor(gap, 300, NOW_S)).toEqual({ fromS: OPEN_S - 1200, toS: OPEN_S + 300 });
    const older = { fromS: OPEN_S - 900, toS: OPEN_S - 300 };
    expect(askedFor(older, 300, NOW_S)).toEqual({ fromS: OPEN_S - 1200, toS: OPEN_S - 300 });
  });
});

describe('spans', () => {
  const span = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -2, max: 9 }))
    .map(([fromS, lengthS]) => ({ fromS, toS: fromS + lengthS }));
  const joined = (added: Spans) => added.reduce(withSpan, [] as Spans);

  test('hold what was put in and nothing else, oldest first and apart, in whatever order it came', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 20 }), (added) => {
        const spans = joined(added);
        for (let timeS = -5; timeS < 75; timeS++) {
          expect(isWithin(spans, timeS)).toBe(
            added.some(({ fromS, toS }) => fromS <= timeS && timeS < toS),
          );
        }
        for (const [index, { fromS, toS }] of spans.entries()) {
          expect(fromS).toBeLessThan(toS);
          expect(fromS).toBeGreaterThan(spans[index - 1]?.toS ?? Number.NEGATIVE_INFINITY);
        }
      }),
    );
  });

  test('can be cut off at a moment', () => {
    fc.assert(
      fc.property(fc.array(span), fc.integer({ min: 0, max: 70 }), (added, beforeS) => {
        const spans = joined(added);
        const cut = spansBefore(spans, beforeS);
        for (let timeS = -5; timeS < 75; timeS++) {
          expect(isWithin(cut, timeS)).toBe(timeS < beforeS && isWithin(spans, timeS));
        }
      }),
    );
  });

  test('are bounded: the oldest are forgotten', () => {
    const many = Array.from({ length: MAX_SPANS + 3 }, (_, n) => ({
      fromS: n * 10,
      toS: n * 10 + 1,
    }));
    const spans = joined(many.toReversed());
    expect(spans).toHaveLength(MAX_SPANS);
    expect(isWithin(spans, 20)).toBe(false);
    expect(isWithin(spans, 30)).toBe(true);
  });
});
