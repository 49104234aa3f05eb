import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { callsLeftThisMinute, callsThisMinuteFromMs } from './minute-window.ts';

const MADE = [
  { atMs: 1000, calls: 3 },
  { atMs: 21_000, calls: 2 },
];

describe('a limit per minute', () => {
  test('counts the calls of the last sixty seconds, whenever the minute began', () => {
    const left = (nowMs: number) => callsLeftThisMinute(6, MADE, nowMs);
    expect([21_000, 60_999, 61_000, 80_999, 81_000].map(left)).toEqual([1, 1, 4, 4, 6]);
  });

  test('says when the next call may be made', () => {
    const from = (perMinute: number, nowMs: number) =>
      callsThisMinuteFromMs(perMinute, MADE, nowMs);
    expect(from(6, 22_000)).toBe(22_000);
    expect(from(5, 22_000)).toBe(61_000);
    expect(from(2, 22_000)).toBe(81_000);
    expect(from(2, 90_000)).toBe(90_000);
    expect(from(Infinity, 22_000)).toBe(22_000);
  });

  test('is kept in every minute, however calls are asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 50 })), {
          maxLength: 60,
        }),
        (perMinute, asked) => {
          const made: { atMs: number; calls: number }[] = [];
          let nowMs = 0;
          for (const [waitMs, wanted] of asked) {
            nowMs += waitMs;
            const calls = Math.min(wanted, callsLeftThisMinute(perMinute, made, nowMs));
            expect(calls).toBeGreaterThanOrEqual(0);
            made.push({ atMs: nowMs, calls });
          }
          for (const { atMs } of made) {
            const sum = made
              .filter((other) => other.atMs >= atMs && other.atMs < atMs + 60_000)
              .reduce((total, { calls }) => total + calls, 0);
            expect(sum).toBeLessThanOrEqual(perMinute);
          }
        },
      ),
    );
  });
});
