import { describe, expect, test } from 'bun:test';
import { DAY_MS } from './candles.ts';
import { createFngSeries, fngLabel } from './fear-greed.ts';
import { createRandom } from './random.ts';

describe('fngLabel', () => {
  test.each([
    [0, 'Extreme Fear'],
    [25, 'Extreme Fear'],
    [26, 'Fear'],
    [46, 'Fear'],
    [47, 'Neutral'],
    [54, 'Neutral'],
    [55, 'Greed'],
    [75, 'Greed'],
    [76, 'Extreme Greed'],
    [100, 'Extreme Greed'],
  ])('calls %d %s, as the provider does', (value, label) => {
    expect(fngLabel(value)).toBe(label);
  });
});

describe('createFngSeries', () => {
  test('ends today with the value that was asked for, a whole number every day before', () => {
    const today = Date.UTC(2026, 10, 23);
    const series = createFngSeries(createRandom(3), 400, today, 26);
    expect(series).toHaveLength(400);
    expect(series.at(-1)).toEqual({ dayMs: today, value: 26 });
    expect(series[0]?.dayMs).toBe(today - 399 * DAY_MS);
    for (const { value } of series) {
      expect(Number.isInteger(value)).toBe(true);
      expect(value).toBeGreaterThanOrEqual(5);
      expect(value).toBeLessThanOrEqual(95);
    }
  });
});
