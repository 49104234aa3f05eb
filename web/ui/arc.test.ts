import { expect, test } from 'bun:test';
import { arcPath, degreesOf, trimmed } from './arc.ts';

test('an arc runs clockwise from the top', () => {
  expect(arcPath(10, 0, 90)).toBe('M0 -10A10 10 0 0 1 10 0');
  expect(arcPath(10, -90, 90)).toBe('M-10 0A10 10 0 0 1 10 0');
});

test('more than half a turn takes the long way round', () => {
  expect(arcPath(10, 0, 270)).toBe('M0 -10A10 10 0 1 1 -10 0');
});

test('a whole turn is closed instead of vanishing', () => {
  expect(arcPath(10, 0, 360)).toBe('M0 -10A10 10 0 1 1 0 10A10 10 0 1 1 0 -10Z');
});

test('a gap is taken half off both ends, and a stretch smaller than its gap is gone', () => {
  const gap = degreesOf(2, 64);
  expect(gap).toBeCloseTo(1.79, 2);
  expect(trimmed({ from: 0, to: 10 }, { before: 2, after: 4 })).toEqual({ from: 1, to: 8 });
  expect(trimmed({ from: 0, to: 2 }, { before: 2, after: 2 })).toBeNull();
});
