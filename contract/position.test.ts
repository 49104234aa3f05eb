import { describe, expect, test } from 'bun:test';
import { isPlausible, isPosition, MAX_EPOCH, MIN_EPOCH, maxEpochAt } from './position.ts';

describe('the form of a position', () => {
  test.each([
    [1_795_000_000_000, 1],
    [1_000_000_000_000, 7],
    [500_000_000_000_000, Number.MAX_SAFE_INTEGER],
  ])('may be (%p, %p)', (epoch, seq) => {
    expect(isPosition(epoch, seq)).toBe(true);
  });

  test.each([
    [0, 0],
    [999_999_999_999, 1],
    [500_000_000_000_001, 1],
    [1_000_000_000_000_000, 1],
    [Number.MAX_SAFE_INTEGER, 1],
    [1e300, 1],
    [1_795_000_000_000.5, 1],
    [Number.NaN, 1],
    [-1_795_000_000_000, 1],
    [1_795_000_000_000, 0],
    [1_795_000_000_000, -1],
    [1_795_000_000_000, 1.5],
    [1_795_000_000_000, 2 ** 53],
  ])('is never (%p, %p)', (epoch, seq) => {
    expect(isPosition(epoch, seq)).toBe(false);
  });
});

describe('a position from outside', () => {
  const NOW_MS = 1_795_000_000_000;
  const HUNDRED_YEARS_MS = 3_155_760_000_000;

  test('is believed up to a hundred years ahead of the clock, also of one that is far behind', () => {
    for (const [nowMs, fromMs] of [
      [NOW_MS, NOW_MS],
      [NOW_MS + 0.75, NOW_MS],
      [0, MIN_EPOCH],
      [-NOW_MS, MIN_EPOCH],
    ] as const) {
      expect(maxEpochAt(nowMs)).toBe(fromMs + HUNDRED_YEARS_MS);
      expect(isPlausible({ epoch: fromMs + HUNDRED_YEARS_MS, seq: 1 }, nowMs)).toBe(true);
      expect(isPlausible({ epoch: fromMs + HUNDRED_YEARS_MS + 1, seq: 1 }, nowMs)).toBe(false);
      expect(isPlausible({ epoch: NOW_MS, seq: 1 }, nowMs)).toBe(true);
    }
  });

  test('is believed a little later when it is the term after one at the limit', () => {
    const next = { epoch: maxEpochAt(NOW_MS) + 65_536, seq: 1 };
    expect(isPlausible(next, NOW_MS + 65_535)).toBe(false);
    expect(isPlausible(next, NOW_MS + 65_536)).toBe(true);
  });

  test('has the form of one, whatever the clock says', () => {
    expect(isPlausible({ epoch: NOW_MS, seq: 0 }, NOW_MS)).toBe(false);
    expect(isPlausible({ epoch: 0, seq: 1 }, NOW_MS)).toBe(false);
    expect(maxEpochAt(8.64e15)).toBe(MAX_EPOCH);
  });
});
