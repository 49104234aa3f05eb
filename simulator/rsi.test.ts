import { describe, expect, test } from 'bun:test';
import { rsi } from './rsi.ts';

describe('rsi', () => {
  test('smooths as Wilder did: plain means first, then each past average weighs period − 1', () => {
    // Gains 1, 0, 1 and losses 0, 1, 0: means 0.5 and 0.5, then 0.75 and 0.25.
    expect(rsi([1, 2, 1], 2)).toBe(50);
    expect(rsi([1, 2, 1, 2], 2)).toBe(75);
  });

  test('needs one close more than the period', () => {
    expect(rsi(Array(14).fill(1))).toBeNull();
    expect(rsi([...Array(14).keys(), 15])).toBe(100);
  });

  test('is 0 when nothing rose and 100 when nothing fell', () => {
    const rising = [...Array(30).keys()];
    expect(rsi(rising)).toBe(100);
    expect(rsi(rising.toReversed())).toBe(0);
  });
});
