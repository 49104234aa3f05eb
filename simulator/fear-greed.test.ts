import { describe, expect, test } from 'bun:test';
import { DAY_MS } from './candles.ts';
import { createFngSeries, FNG_FIRST_MS, fngLabel, fromFirstDay, withHoles } from './fear-greed.ts';
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

describe('fromFirstDay', () => {
  const today = Date.UTC(2026, 10, 23);
  const newest = createFngSeries(createRandom(3), 500, today, 26);
  const whole = fromFirstDay(createRandom(4), newest);

  test('adds every day since the index began, and changes none', () => {
    expect(whole.slice(-500)).toEqual(newest);
    expect(whole[0]?.dayMs).toBe(FNG_FIRST_MS);
    for (const [i, { dayMs, value }] of whole.entries()) {
      expect(dayMs).toBe(FNG_FIRST_MS + i * DAY_MS);
      expect(value).toBeWithin(5, 96);
      expect(Math.abs(value - (whole[i - 1]?.value ?? value))).toBeLessThan(25);
    }
    expect(fromFirstDay(createRandom(4), [{ dayMs: 0, value: 5 }])).toEqual([
      { dayMs: 0, value: 5 },
    ]);
  });

  test('leaves the days out that the real index has no value of', () => {
    const days = new Set(withHoles(whole).map(({ dayMs }) => new Date(dayMs).toISOString()));
    expect(days.size).toBe(whole.length - 4);
    for (const day of ['2018-04-14', '2018-04-15', '2018-04-16', '2024-10-26']) {
      expect(days.has(`${day}T00:00:00.000Z`)).toBe(false);
    }
  });
});
