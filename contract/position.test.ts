import { describe, expect, test } from 'bun:test';
import { isPosition } from './position.ts';

describe('a position from outside', () => {
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
