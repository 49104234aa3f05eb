import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createAllowance } from './allowance.ts';
import { createMemoryLedger, periodOf } from './memory-ledger.ts';
import { callsFromMs, callsLeft, type Quota, steadyIntervalS } from './plan.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** From one round to the next. */
const STEP_MS = 300_000;
const NOVEMBER = Date.UTC(2026, 10, 1);
const NONE = { today: 0, thisMonth: 0 };

/** An upstream that is asked for as much as it gives, by a clock that the test moves; what it was asked per month and day. */
function walk(quota: Quota, startMs: number) {
  const clock = createManualClock(startMs);
  const ledger = createMemoryLedger(clock);
  const allowance = createAllowance(clock, ledger, 'coingecko', quota);
  const totals = new Map<string, number>();
  const add = (period: string, calls: number) =>
    void totals.set(period, (totals.get(period) ?? 0) + calls);
  return {
    clock,
    allowance,
    totals,
    /** @returns how many of the calls could be made */
    call(wanted: number): number {
      const calls = Math.min(wanted, allowance.calls());
      ledger.spend([{ upstream: 'coingecko', calls, minCallIntervalMs: 0 }]);
      const { day, month } = periodOf(clock.now());
      add(day, calls);
      add(month, calls);
      return calls;
    },
    highest: (length: number) =>
      Math.max(0, ...[...totals].flatMap(([key, calls]) => (key.length === length ? [calls] : []))),
  };
}
/** As {@link walk} counts. */
const MONTH = '2026-11'.length;
const DAY = '2026-11-01'.length;

describe('a quota', () => {
  test('that is none allows everything, at once', () => {
    expect(callsLeft({}, { today: 1e9, thisMonth: 1e9 }, NOVEMBER)).toBe(Infinity);
    expect(callsFromMs({}, { today: 1e9, thisMonth: 1e9 }, NOVEMBER)).toBe(NOVEMBER);
  });

  test('of a month is spread over its days, and a tenth of a day’s part may be spent as it begins', () => {
    const quota = { perMonth: 9000 };
    const at = (hours: number, today: number, before = 0) =>
      callsLeft(quota, { today, thisMonth: before + today }, NOVEMBER + hours * HOUR_MS);
    expect([at(0, 0), at(12, 0), at(24 - 1 / 3600, 0)]).toEqual([30, 165, 299]);
    expect([at(0, 30), at(12, 100), at(12, 200)]).toEqual([0, 65, 0]);
    // On the last day all that is left, up to three days' worth.
    expect(at(29 * 24 + 12, 0, 8500)).toBe(275);
    expect(at(29 * 24 + 12, 0, 8000)).toBe(479);
    expect(at(29 * 24 + 12, 0, 9000)).toBe(0);
    expect(at(29 * 24 + 12, 0, 9700)).toBe(0);
  });

  test('of a day is spread over it, with five calls at its beginning', () => {
    const at = (hours: number, today: number) =>
      callsLeft({ perDay: 25 }, { today, thisMonth: today }, NOVEMBER + hours * HOUR_MS);
    expect([at(0, 0), at(0, 5), at(12, 5), at(23.999, 0), at(12, 40)]).toEqual([5, 0, 10, 24, 0]);
  });

  test('that is smaller than a burst may be spent as the day begins', () => {
    expect(callsLeft({ perDay: 3 }, NONE, NOVEMBER)).toBe(3);
    expect(callsLeft({ perDay: 3, perMonth: 31 }, NONE, NOVEMBER)).toBe(1);
  });

  test('of a day and of a month hold both', () => {
    expect(callsLeft({ perDay: 100, perMonth: 9000 }, NONE, NOVEMBER)).toBe(10);
    expect(callsLeft({ perDay: 1000, perMonth: 9000 }, NONE, NOVEMBER)).toBe(30);
  });

  test('that is used up is there again with the month', () => {
    const count = { today: 10, thisMonth: 9000 };
    const december = Date.UTC(2026, 11, 1);
    expect(callsFromMs({ perMonth: 9000 }, count, NOVEMBER + 5 * DAY_MS)).toBe(december);
    expect(callsFromMs({ perMonth: 9000 }, count, december - 1)).toBe(december);
  });

  test('that was overdrawn early in the month waits for the first day with a call in it', () => {
    const count = { today: 0, thisMonth: 96 };
    const nextMs = callsFromMs({ perMonth: 100 }, count, NOVEMBER);
    expect(nextMs).toBe(Date.UTC(2026, 10, 27));
    expect(callsLeft({ perMonth: 100 }, count, nextMs)).toBe(1);
  });

  test('names the very moment of the next call', () => {
    fc.assert(
      fc.property(
        fc.record({
          perDay: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
          perMonth: fc.integer({ min: 31, max: 100_000 }),
        }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: 60 * DAY_MS }),
        ({ perDay, perMonth }, today, before, offsetMs) => {
          const quota = { perMonth, ...(perDay !== undefined && { perDay }) };
          const count = { today, thisMonth: before + today };
          const now = NOVEMBER + offsetMs;
          const from = callsFromMs(quota, count, now);
          /** The same counts as they are at another time. */
          const left = (ms: number) => {
            const [then, there] = [periodOf(now), periodOf(ms)];
            if (then.month !== there.month) return callsLeft(quota, NONE, ms);
            if (then.day === there.day) return callsLeft(quota, count, ms);
            return callsLeft(quota, { ...count, today: 0 }, ms);
          };
          expect(from).toBeGreaterThanOrEqual(now);
          expect(left(from)).toBeGreaterThanOrEqual(1);
          if (from > now + 1) expect(left(from - 2)).toBe(0);
        },
      ),
    );
  });
});

describe('a month', () => {
  test('is never overdrawn, whatever rounds and refreshes there are', () => {
    const happening = fc.record({
      waitMs: fc.oneof(fc.constantFrom(0, STEP_MS, DAY_MS), fc.integer({ min: 0, max: DAY_MS })),
      wanted: fc.integer({ min: 0, max: 2000 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: 31 * DAY_MS }),
        fc.array(happening, { minLength: 50, maxLength: 300, size: 'max' }),
        (perMonth, perDay, offsetMs, happenings) => {
          const { clock, call, highest } = walk({ perMonth, perDay }, NOVEMBER + offsetMs);
          for (const { waitMs, wanted } of happenings) {
            clock.advance(waitMs);
            call(wanted);
          }
          expect(highest(MONTH)).toBeLessThanOrEqual(perMonth);
          expect(highest(DAY)).toBeLessThanOrEqual(perDay);
        },
      ),
    );
  });

  test('lasts to its end when as much is asked for as there is, and all of it is used', () => {
    for (const [perMonth, startMs] of [
      [10_000, NOVEMBER],
      [20_000, Date.UTC(2026, 1, 1)],
      [311, Date.UTC(2026, 11, 1)],
      [10_000, NOVEMBER + 17.3 * DAY_MS],
    ] as const) {
      const { clock, call, totals } = walk({ perMonth }, startMs);
      const { month } = periodOf(startMs);
      // The least that is planned for a day: what was not spent before adds to it.
      const dailyPlan = perMonth / 31;
      const longestMs = DAY_MS / (dailyPlan - Math.max(5, dailyPlan / 10)) + STEP_MS + HOUR_MS / 60;
      let calledAtMs = clock.now();
      for (; periodOf(clock.now()).month === month; clock.advance(STEP_MS)) {
        if (call(1000) > 0) {
          expect(clock.now() - calledAtMs).toBeLessThanOrEqual(longestMs);
          calledAtMs = clock.now();
        }
      }
      const spent = totals.get(month) ?? 0;
      expect(spent).toBeLessThanOrEqual(perMonth);
      // What falls due in the last minutes comes too late.
      expect(spent).toBeGreaterThan(perMonth * 0.99);
      expect(call(1000)).toBeGreaterThan(0);
    }
  });

  test('is not short of calls because somebody asked for all of them at once', () => {
    const { clock, call } = walk({ perMonth: 10_000 }, NOVEMBER);
    call(10_000);
    const perDay: number[] = [];
    for (let day = 0; day < 30; day++) {
      let calls = 0;
      for (let step = 0; step < DAY_MS / STEP_MS; step++) {
        clock.advance(STEP_MS);
        calls += call(1);
      }
      perDay.push(calls);
    }
    expect(Math.min(...perDay)).toBeGreaterThan(287);
  });

  test('is never overdrawn by a clock that is wrong for a while, nor is it locked', () => {
    const excursion = fc.record({
      afterSteps: fc.integer({ min: 0, max: 2000 }),
      byMs: fc.integer({ min: -400 * DAY_MS, max: 400 * DAY_MS }),
      forSteps: fc.integer({ min: 1, max: 200 }),
    });
    const perMonth = 3000;
    fc.assert(
      fc.property(fc.array(excursion, { maxLength: 3 }), (excursions) => {
        const { clock, call, highest } = walk({ perMonth }, NOVEMBER + 3 * DAY_MS);
        const step = () => {
          clock.advance(STEP_MS);
          return call(500);
        };
        for (const { afterSteps, byMs, forSteps } of excursions) {
          for (let i = 0; i < afterSteps; i++) step();
          clock.setWall(clock.now() + byMs);
          for (let i = 0; i < forSteps; i++) step();
          clock.setWall(clock.now() - byMs);
        }
        expect(highest(MONTH)).toBeLessThanOrEqual(perMonth);
        let lockedMs = 0;
        while (step() === 0) lockedMs += STEP_MS;
        expect(lockedMs).toBeLessThanOrEqual(DAY_MS);
      }),
      { numRuns: 40 },
    );
  });
});

test('steady rounds are as far apart as the narrowest limit keeps them', () => {
  expect(steadyIntervalS({}, 2)).toBe(0);
  expect(steadyIntervalS({ minCallIntervalMs: 15_000 }, 2)).toBe(15);
  expect(steadyIntervalS({ perMinute: 4 }, 2)).toBe(30);
  expect(steadyIntervalS({ perDay: 864 }, 2)).toBe(200);
  expect(steadyIntervalS({ perMonth: 31 * 864 }, 1)).toBeCloseTo(100);
  const all = { minCallIntervalMs: 1000, perMinute: 60, perDay: 8640, perMonth: 31 * 86.4 };
  expect(steadyIntervalS(all, 1)).toBeCloseTo(1000);
  expect(steadyIntervalS(all, 0)).toBe(1);
});
