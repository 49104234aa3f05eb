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
    const row = { upstream: 'coingecko', day: '2026-11-23', today: 0, thisMonth: 0 } as const;
    shelf.saveBudget({ ...row, pausedUntilMs: START + 1e12, savedAtMs: START });
    expect(start(shelf, START).waitMs(GLOBAL)).toBe(MAX_PAUSE_MS);
    shelf.saveBudget({ ...row, pausedUntilMs: START + 1000, savedAtMs: START + 5000 });
    expect(start(shelf, START).waitMs(GLOBAL)).toBe(0);
    expect(start(shelf, START + 9000).waitMs(GLOBAL)).toBe(0);
  });

  test('believes of an upstream’s pauses the one saved last', () => {
    const shelf = createShelf();
    const row = { upstream: 'coingecko', today: 1, thisMonth: 1 } as const;
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
