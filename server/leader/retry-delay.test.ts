import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { retryDelayMs } from './retry-delay.ts';

test('waits twice as long after each failure, up to ten seconds', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => retryDelayMs(failures, () => 1));
  expect(longest).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
});

test('spreads the wait over its upper half, and never asks at once', () => {
  const failures = fc.integer({ min: 1, max: 100_000 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(failures, random, (count, drawn) => {
      const longest = retryDelayMs(count, () => 1);
      const delay = retryDelayMs(count, () => drawn);
      expect(delay).toBeGreaterThanOrEqual(longest / 2);
      expect(delay).toBeLessThanOrEqual(longest);
    }),
  );
  expect(retryDelayMs(1, () => 0)).toBe(125);
});
