import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import daily from './fixtures/daily-closes.json';
import { noAverages, RSI_PERIOD, rsi, rsiOf, withClose } from './rsi.ts';

/** The worked example of StockCharts' ChartSchool: 33 closes, and the RSI from the 15th on. */
const EXAMPLE_CLOSES = [
  44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931,
  46.0328, 45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521,
  45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
];
const EXAMPLE_RSI = [
  70.5328, 66.3186, 66.5498, 69.4063, 66.3552, 57.9749, 62.9296, 63.2571, 56.0593, 62.3771, 54.7076,
  50.4228, 39.9898, 41.4605, 41.8689, 45.4632, 37.304, 33.0795, 37.773,
];

const LARGEST_DIFFERENCE = 1e-4;

/** The RSI, or `NaN` where there is none, so that a comparison with it fails. */
const value = (closes: readonly number[]): number => rsi(closes) ?? Number.NaN;

describe('rsi', () => {
  test('reproduces every value of the published worked example', () => {
    const computed = EXAMPLE_RSI.map((_, index) =>
      value(EXAMPLE_CLOSES.slice(0, RSI_PERIOD + 1 + index)),
    );
    for (const [index, expected] of EXAMPLE_RSI.entries()) {
      expect(Math.abs((computed[index] ?? Number.NaN) - expected)).toBeLessThan(LARGEST_DIFFERENCE);
    }
  });

  test.each([
    ['the candle that is still open', 0, 15.37777],
    ['the last closed candle', 1, 15.620888],
    ['the candle before it', 2, 18.424739],
  ])(
    'agrees with the whole recorded history at %s, from 500 closes',
    (_name, skipped, expected) => {
      const end = daily.closes.length - skipped;
      const closes = daily.closes.slice(end - 500, end);
      expect(closes).toHaveLength(500);
      expect(Math.abs(value(closes) - expected)).toBeLessThan(LARGEST_DIFFERENCE);
    },
  );

  test('has no value with fewer than 15 closes', () => {
    expect(rsi([])).toBeNull();
    expect(rsi(EXAMPLE_CLOSES.slice(0, 14))).toBeNull();
    expect(rsi(EXAMPLE_CLOSES.slice(0, 15))).not.toBeNull();
  });

  test('is 100 without losses, 0 without gains and 50 without either', () => {
    const rising = Array.from({ length: 20 }, (_, day) => 100 + day);
    expect(rsi(rising)).toBe(100);
    expect(rsi(rising.toReversed())).toBe(0);
    expect(rsi(rising.map(() => 100))).toBe(50);
  });

  test('has no value when a close is not finite', () => {
    expect(rsi([...EXAMPLE_CLOSES, Number.NaN])).toBeNull();
    expect(rsi([...EXAMPLE_CLOSES, Number.POSITIVE_INFINITY])).toBeNull();
  });

  test('takes another period', () => {
    expect(rsi([1, 2], 2)).toBeNull();
    expect(rsi([1, 2, 1], 2)).toBe(50);
  });

  test('lies between 0 and 100 and does not depend on the unit of the price', () => {
    const price = fc.double({ min: 0.01, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(price, { minLength: 15, maxLength: 120 }), (closes) => {
        const computed = value(closes);
        expect(computed).toBeGreaterThanOrEqual(0);
        expect(computed).toBeLessThanOrEqual(100);
        expect(Math.abs(value(closes.map((close) => close * 4)) - computed)).toBeLessThan(1e-9);
      }),
    );
  });

  test('is the same close by close, from averages that were kept, as over all closes', () => {
    const price = fc.double({ min: 0.01, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(price, { maxLength: 60 }),
        fc.array(price, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 20 }),
        (closed, later, period) => {
          const kept = closed.reduce(withClose, noAverages(period));
          const all = [...closed, ...later];
          expect(rsiOf(later.reduce(withClose, kept))).toBe(rsi(all, period));
        },
      ),
    );
  });
});
