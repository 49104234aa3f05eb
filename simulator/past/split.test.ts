import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Candle } from '../candles.ts';
import { createRandom } from '../random.ts';
import { joinCandles } from './join.ts';
import { type Cut, split } from './split.ts';

const OPEN_MS = Date.UTC(2026, 10, 22);
const HOUR = 3_600_000;

const cut = (rest: Partial<Cut> = {}): Cut => ({
  partMs: HOUR,
  untilMs: OPEN_MS + 24 * HOUR,
  decimals: 2,
  quietShare: 0,
  ...rest,
});
const day: Candle = {
  openTimeMs: OPEN_MS,
  open: 78_010.5,
  high: 78_903.11,
  low: 77_204.02,
  close: 77_705,
  volume: 22_311.40123,
};

const cents = fc.integer({ min: 1, max: 10_000_000 });
const candles = fc
  .tuple(cents, cents, cents, cents, fc.integer({ min: 0, max: 1e12 }))
  .map(([a, b, c, d, volume]): Candle => {
    const [low = 0, one = 0, other = 0, high = 0] = [a, b, c, d].sort((x, y) => x - y);
    const [open, close] = a > b ? [one, other] : [other, one];
    const [o, h, l, cl] = [open, high, low, close].map((price) => price / 100);
    return {
      openTimeMs: OPEN_MS,
      open: o ?? 0,
      high: h ?? 0,
      low: l ?? 0,
      close: cl ?? 0,
      volume: volume / 1e5,
    };
  });

describe('split', () => {
  test('gives parts that make the whole again, each within its own range, each opening where the last one closed', () => {
    const cuts = fc.record({
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      lengthMs: fc.integer({ min: 0, max: 24 * HOUR }),
      quietShare: fc.constantFrom(0, 0.3, 1),
    });
    fc.assert(
      fc.property(candles, cuts, (whole, { seed, lengthMs, quietShare }) => {
        const untilMs = OPEN_MS + lengthMs;
        const parts = split(whole, cut({ untilMs, quietShare }), createRandom(seed));
        expect(parts).toHaveLength(Math.max(1, Math.ceil(lengthMs / HOUR)));
        expect(joinCandles(parts, 24 * HOUR)).toEqual([whole]);
        for (const [i, part] of parts.entries()) {
          expect(part.openTimeMs).toBe(OPEN_MS + i * HOUR);
          expect(part.open).toBe(parts[i - 1]?.close ?? whole.open);
          expect(part.low).toBeLessThanOrEqual(Math.min(part.open, part.close));
          expect(part.high).toBeGreaterThanOrEqual(Math.max(part.open, part.close));
          expect(Number(part.close.toFixed(2))).toBe(part.close);
          expect(part.volume).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('lets the price wander, and does not draw a line', () => {
    const closes = split(day, cut(), createRandom(1)).map(({ close }) => close);
    const steps = closes.slice(1).map((close, i) => close - (closes[i] ?? 0));
    expect(steps.some((step) => step > 50) && steps.some((step) => step < -50)).toBe(true);
    expect(Math.max(...steps.map(Math.abs))).toBeLessThan((day.high - day.low) * 0.8);
  });

  test('does not stop at its extremes with part after part', () => {
    const cuts = Array.from({ length: 50 }, (_, seed) => split(day, cut(), createRandom(seed)));
    for (const extreme of ['high', 'low'] as const) {
      const touching = cuts.flat().filter((part) => part[extreme] === day[extreme]);
      // Two of a cut, when one closes there and the next opens there.
      expect(touching.length).toBeWithin(50, 80);
    }
  });

  test('leaves quiet parts flat and without volume, and the last one is none', () => {
    const parts = split(day, cut({ quietShare: 0.5 }), createRandom(3));
    const quiet = parts.filter(({ volume }) => volume === 0);
    expect(quiet.length).toBeWithin(5, 19);
    for (const { open, high, low, close } of quiet) {
      expect([high, low, close]).toEqual([open, open, open]);
    }
    expect(parts.at(-1)?.volume).toBeGreaterThan(0);
  });

  test('gives a part that is a fraction of the others its fraction', () => {
    const untilMs = OPEN_MS + 10 * HOUR + 1000;
    const parts = split(day, cut({ untilMs }), createRandom(2));
    expect(parts).toHaveLength(11);
    expect(parts.at(-1)?.volume).toBeLessThan(day.volume / 5000);
    expect(Math.abs((parts.at(-1)?.open ?? 0) - day.close)).toBeLessThan(100);
  });

  test('is the same again from the same randomness', () => {
    const run = (seed: number) => split(day, cut(), createRandom(seed));
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });
});
