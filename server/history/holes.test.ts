import { describe, expect, test } from 'bun:test';
import {
  FIRST_HOLE_MS,
  firstEndMs,
  type Holes,
  MAX_HOLE_MS,
  spansOfHoles,
  withHole,
} from './holes.ts';
import { MAX_SPANS } from './spans.ts';

const SPAN = { fromS: 600, toS: 900 };

describe('a hole', () => {
  test('is asked for again after an hour, then ever later, at most a day', () => {
    let holes: Holes = [];
    let nowMs = 5000;
    const waits = Array.from({ length: 7 }, () => {
      holes = withHole(holes, SPAN, nowMs);
      expect(holes).toHaveLength(1);
      const endMs = firstEndMs(holes, nowMs);
      expect(spansOfHoles(holes, endMs - 1)).toEqual([SPAN]);
      expect(spansOfHoles(holes, endMs)).toEqual([]);
      const waitMs = endMs - nowMs;
      nowMs = endMs;
      return waitMs / FIRST_HOLE_MS;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 24, MAX_HOLE_MS / FIRST_HOLE_MS]);
  });

  test('beside another waits for itself', () => {
    let holes = withHole([], SPAN, 0);
    holes = withHole(holes, SPAN, FIRST_HOLE_MS);
    holes = withHole(holes, { fromS: 900, toS: 1200 }, FIRST_HOLE_MS);
    expect(spansOfHoles(holes, FIRST_HOLE_MS)).toEqual([{ fromS: 600, toS: 1200 }]);
    expect(spansOfHoles(holes, 2 * FIRST_HOLE_MS)).toEqual([SPAN]);
    expect(firstEndMs(holes, 2 * FIRST_HOLE_MS)).toBe(3 * FIRST_HOLE_MS);
    expect(firstEndMs(holes, 3 * FIRST_HOLE_MS)).toBe(Number.POSITIVE_INFINITY);
  });

  test('of no length is none, and there is an end to how many are remembered', () => {
    expect(withHole([], { fromS: 900, toS: 900 }, 0)).toEqual([]);
    let holes: Holes = [];
    for (let n = 0; n < MAX_SPANS + 5; n++) {
      holes = withHole(holes, { fromS: n * 600, toS: n * 600 + 300 }, 0);
    }
    expect(holes).toHaveLength(MAX_SPANS);
    expect(holes[0]?.fromS).toBe(5 * 600);
  });
});
