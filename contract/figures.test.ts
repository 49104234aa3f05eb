import { describe, expect, test } from 'bun:test';
import { isAccepted } from './figures.ts';

describe('a price', () => {
  test.each([1e-9, 0.2481, 77_705, 1e9])('may be %p', (price) => {
    expect(isAccepted('price', price)).toBe(true);
  });

  test.each([0, -1, 1.0001e9, 1e300, Number.NaN, Number.POSITIVE_INFINITY, '77705', null])(
    'is not %p',
    (price) => {
      expect(isAccepted('price', price)).toBe(false);
    },
  );
});

describe('an amount', () => {
  test('is a sum that the market can be worth', () => {
    expect(isAccepted('amount', 2.6e12)).toBe(true);
    expect(isAccepted('amount', 1e300)).toBe(false);
    expect(isAccepted('amount', 0)).toBe(false);
  });
});
