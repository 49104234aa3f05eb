import { describe, expect, test } from 'bun:test';
import { type LineBox, linePath } from './line-path.ts';

const BOX: LineBox = { width: 100, height: 20, from: 0, to: 10, low: 0, high: 4 };
const points = (...pairs: [time: number, value: number | null][]) =>
  pairs.map(([time, value]) => ({ time, value }));

describe('the path of a line', () => {
  test('leads through its points, the highest on top', () => {
    expect(linePath(points([0, 0], [5, 4], [10, 1]), 5, BOX)).toBe('M0 20L50 0 100 15');
  });

  test('breaks where a point is missing, and where one says so', () => {
    expect(linePath(points([0, 0], [1, 1], [4, 2], [5, 3]), 1, BOX)).toBe('M0 20L10 15M40 10L50 5');
    expect(linePath(points([0, 0], [1, 1], [2, null], [3, 2], [4, 3]), 1, BOX)).toBe(
      'M0 20L10 15M30 10L40 5',
    );
  });

  test('goes on when a stamp is a little late', () => {
    expect(linePath(points([0, 0], [1.4, 1]), 1, BOX)).toBe('M0 20L14 15');
  });

  test('is a dot where a point has no neighbours', () => {
    expect(linePath(points([0, 0], [5, 4]), 1, BOX)).toBe('M0 20h0M50 0h0');
  });

  test('runs in the middle where nothing rises or falls, and is empty without points', () => {
    expect(linePath(points([0, 3], [10, 3]), 10, { ...BOX, low: 3, high: 3 })).toBe('M0 10L100 10');
    expect(linePath(points([5, 3]), 10, { ...BOX, from: 5, to: 5 })).toBe('M0 5h0');
    expect(linePath([], 1, BOX)).toBe('');
    expect(linePath(points([0, null]), 1, BOX)).toBe('');
  });
});
