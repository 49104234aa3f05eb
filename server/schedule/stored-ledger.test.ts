import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { StoredBudget } from '../store/store.ts';
import { createAllowance } from './allowance.ts';
import { MAX_PAUSE_MS } from './ledger.ts';
import { GLOBAL, RSI, spending, testLedger } from './ledger-contract.ts';
import { periodOf } from './memory-ledger.ts';
import { createStoredLedger } from './stored-ledger.ts';

const START = Date.UTC(2026, 10, 23, 7);
const DAY_MS = 86_400_000;

/** What the store keeps, saved last at the end. */
function createShelf() {
  const rows = new Map<string, StoredBudget>();
  let saves = 0;
  return {
    rows,
    saves: () => saves,
    loadBudgets: () => [...rows.values()],
    saveBudget(budget: StoredBudget) {
      const key = `${budget.upstream} ${budget.day}`;
      rows.delete(key);
      rows.set(key, budget);
      saves += 1;
    },
  };
}

/** A process on the shelf that it finds, at a moment of the wall clock. */
function start(shelf: ReturnType<typeof createShelf>, wallMs: number) {
  const clock = createManualClock(wallMs);
  const ledger = createStoredLedger(clock, shelf);
  const waitMs = (route: typeof GLOBAL | typeof RSI) =>
    Math.max(0, ledger.allowedAtMs(route) - clock.monotonic());
  return { clock, ledger, waitMs };
}

testLedger('the stored ledger', async () => ({
  ...start(createShelf(), START),
  close: async () => {},
}));

describe('a ledger that is stored', () => {
  test('goes on after a restart where it was: counts and what is left of pauses', () => {
    const shelf = createShelf();
    const first = start(shelf, START);
    first.ledger.spend([...spending('coingecko', 3), ...spending('taapi', 1, 15_000)]);
    first.ledger.pause('coingecko', 120_000);
    const next = start(shelf, START + 10_000);
    expect(next.ledger.calls('coingecko')).toEqual({ today: 3, thisMonth: 3 });
    expect([next.waitMs(GLOBAL), next.waitMs(RSI)]).toEqual([110_000, 5000]);
    const tomorrow = start(shelf, START + DAY_MS);
    expect(tomorrow.ledger.calls('coingecko')).toEqual({ today: 0, thisMonth: 3 });
    expect(tomorrow.waitMs(GLOBAL)).toBe(0);
    const nextMonth = start(shelf, START + 30 * DAY_MS);
    expect(nextMonth.ledger.calls('coingecko')).toEqual({ today: 0, thisMonth: 0 });
  });

  test('forgets that a route refused: the next process may have another address', () => {
    const shelf = createShelf();
    start(shelf, START).ledger.refused(GLOBAL, 60_000);
    expect(start(shelf, START).waitMs(GLOBAL)).toBe(0);
  });

  test('writes one row for each upstream that is called, and none for others', () => {
    const shelf = createShelf();
    const { ledger } = start(shelf, START);
    ledger.spend([...spending('coingecko', 2), ...spending('taapi', 0)]);
    expect(shelf.saves()).toBe(1);
    expect([...shelf.rows.values()]).toEqual([
      {
        upstream: 'coingecko',
        day: '2026-11-23',
        today: 2,
        thisMonth: 2,
        lastMinute: 2,
        pausedUntilMs: START,
        savedAtMs: START,
      },
    ]);
  });

  test('waits no longer than it was to, though the wall clock has gone back', () => {
    const shelf = createShelf();
    start(shelf, START + 400 * DAY_MS).ledger.pause('coingecko', 120_000);
    const next = start(shelf, START);
    expect(next.waitMs(GLOBAL)).toBe(120_000);
    // By the right clock from now on: another restart does not begin it anew.
    expect(start(shelf, START + 100_000).waitMs(GLOBAL)).toBe(20_000);
    expect(start(shelf, START + 130_000).waitMs(GLOBAL)).toBe(0);
  });

  test('is not held up by what was stored for ever, nor by a clock that was ahead', () => {
    const shelf = createShelf();
    const counts = { today: 0, thisMonth: 0, lastMinute: 0 };
    const row = { upstream: 'coingecko', day: '2026-11-23', ...counts } as const;
    shelf.saveBudget({ ...row, pausedUntilMs: START + 1e12, savedAtMs: START });
    expect(start(shelf, START).waitMs(GLOBAL)).toBe(MAX_PAUSE_MS);
    shelf.saveBudget({ ...row, pausedUntilMs: START + 1000, savedAtMs: START + 5000 });
    expect(start(shelf, START).waitMs(GLOBAL)).toBe(0);
    expect(start(shelf, START + 9000).waitMs(GLOBAL)).toBe(0);
  });

  test('believes of an upstream’s pauses the one saved last', () => {
    const shelf = createShelf();
    const row = { upstream: 'coingecko', today: 1, thisMonth: 1, lastMinute: 0 } as const;
    shelf.saveBudget({
      ...{ ...row, day: '2099-01-01' },
      ...{ pausedUntilMs: Date.UTC(2099, 0, 2), savedAtMs: Date.UTC(2099, 0, 1) },
    });
    shelf.saveBudget({ ...row, day: '2026-11-23', pausedUntilMs: START, savedAtMs: START });
    expect(start(shelf, START).waitMs(GLOBAL)).toBe(0);
  });

  test('counts on by the right day when the wall clock is wrong as it begins', () => {
    const shelf = createShelf();
    start(shelf, START).ledger.spend(spending('coingecko', 40));
    const { clock, ledger } = start(shelf, 0);
    ledger.spend(spending('coingecko', 2));
    clock.setWall(START + 60_000);
    expect(ledger.calls('coingecko')).toEqual({ today: 40, thisMonth: 40 });
    expect(start(shelf, START + 120_000).ledger.calls('coingecko').thisMonth).toBe(40);
  });

  test('never lets a month be overdrawn, however often the process starts anew', () => {
    const happening = fc.record({
      waitMs: fc.integer({ min: 0, max: 2 * DAY_MS }),
      wanted: fc.integer({ min: 0, max: 500 }),
      restarts: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.array(happening, { minLength: 20, maxLength: 100, size: 'max' }),
        (perMonth, happenings) => {
          const shelf = createShelf();
          const totals = new Map<string, number>();
          let { clock, ledger } = start(shelf, START);
          for (const { waitMs, wanted, restarts } of happenings) {
            clock.advance(waitMs);
            if (restarts) ({ clock, ledger } = start(shelf, clock.now()));
            const allowance = createAllowance(clock, ledger, 'coingecko', { perMonth });
            const calls = Math.min(wanted, allowance.calls());
            ledger.spend(spending('coingecko', calls));
            const { month } = periodOf(clock.now());
            totals.set(month, (totals.get(month) ?? 0) + calls);
          }
          expect(Math.max(...totals.values())).toBeLessThanOrEqual(perMonth);
        },
      ),
    );
  });
});

describe('the minute of a ledger that is stored', () => {
  const PER_MINUTE = 5;
  const leftOf = ({ clock, ledger }: ReturnType<typeof start>) =>
    createAllowance(clock, ledger, 'coingecko', { perMinute: PER_MINUTE });

  test('goes on after a restart: calls made before it count until they are a minute old', () => {
    const shelf = createShelf();
    start(shelf, START).ledger.spend(spending('coingecko', 4));
    expect(leftOf(start(shelf, START + 2000)).calls()).toBe(1);
    const next = start(shelf, START + 50_000);
    expect(next.ledger.lastMinute('coingecko')).toEqual([{ atMs: -50_000, calls: 4 }]);
    next.ledger.spend(spending('coingecko', 1));
    expect(leftOf(next).fromMs()).toBe(10_000);
    next.clock.advance(10_000);
    expect(leftOf(next).calls()).toBe(4);
    expect(leftOf(start(shelf, START + 110_000)).calls()).toBe(5);
    expect(start(shelf, START).ledger.lastMinute('taapi')).toEqual([]);
  });

  test('lasts a minute at most, though the wall clock has gone back, however often the process starts anew', () => {
    const shelf = createShelf();
    start(shelf, START + 400 * DAY_MS).ledger.spend(spending('coingecko', 5));
    const next = start(shelf, START);
    expect([leftOf(next).calls(), leftOf(next).fromMs()]).toEqual([0, 60_000]);
    expect(leftOf(start(shelf, START + 59_999)).calls()).toBe(0);
    expect(leftOf(start(shelf, START + 60_000)).calls()).toBe(5);
  });

  test('is over for a clock that has gone forward, and counts for a minute where the count is absurd', () => {
    const shelf = createShelf();
    start(shelf, START).ledger.spend(spending('coingecko', 1e9));
    expect(leftOf(start(shelf, START + 60_000)).calls()).toBe(5);
    const next = start(shelf, START + 1000);
    expect(leftOf(next).fromMs()).toBe(59_000);
    next.clock.advance(59_000);
    expect(leftOf(next).calls()).toBe(5);
  });

  test('counts on from what is written with a pause', () => {
    const shelf = createShelf();
    const { clock, ledger } = start(shelf, START);
    ledger.spend(spending('coingecko', 3));
    clock.advance(10_000);
    ledger.pause('coingecko', 1000);
    expect(leftOf(start(shelf, START + 59_000)).calls()).toBe(2);
    clock.advance(50_000);
    ledger.pause('coingecko', 1000);
    expect(leftOf(start(shelf, START + 60_000)).calls()).toBe(5);
  });

  test('never holds more calls than are allowed, however often the process starts anew', () => {
    const happening = fc.record({
      waitMs: fc.integer({ min: 0, max: 40_000 }),
      wanted: fc.integer({ min: 0, max: 8 }),
      restarts: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(happening, { minLength: 10, maxLength: 40, size: 'max' }),
        (happenings) => {
          const shelf = createShelf();
          const made: { atMs: number; calls: number }[] = [];
          let process = start(shelf, START);
          for (const { waitMs, wanted, restarts } of happenings) {
            process.clock.advance(waitMs);
            const atMs = process.clock.now();
            if (restarts) process = start(shelf, atMs);
            const calls = Math.max(0, Math.min(wanted, leftOf(process).calls()));
            process.ledger.spend(spending('coingecko', calls));
            made.push({ atMs, calls });
          }
          for (const { atMs } of made) {
            const inMinute = made.filter((one) => one.atMs >= atMs && one.atMs < atMs + 60_000);
            const sum = inMinute.reduce((total, { calls }) => total + calls, 0);
            expect(sum).toBeLessThanOrEqual(PER_MINUTE);
          }
        },
      ),
    );
  });
});
