import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { type BudgetedTask, createBudget } from './budget.ts';
import { createMemoryLedger } from './memory-ledger.ts';

const START = Date.UTC(2026, 10, 23, 7);
const LIMITS = { perMinute: 1 };

/** Two routes of an upstream that allows one call a minute. */
function setUp(due: number | null = null) {
  const clock = createManualClock(START);
  const ledger = createMemoryLedger(clock);
  const global: BudgetedTask = { upstream: 'coingecko', route: '/global', limits: LIMITS };
  const price: BudgetedTask = {
    ...{ upstream: 'coingecko', route: '/price', limits: LIMITS },
    ...(due !== null && { dueAtMs: () => due }),
  };
  const budget = createBudget<BudgetedTask>(
    { clock, random: () => 0.5, ledger },
    due === null ? [global, price] : [price],
  );
  /** Which of those that are wanted are asked now. */
  const round = (...wanted: BudgetedTask[]) => {
    const granted = wanted.filter((task) => budget.claim(task, true) === 'granted');
    budget.spend(granted);
    clock.advance(61_000);
    return granted.map(({ route }) => route);
  };
  return { clock, budget, global, price, round };
}

describe('routes of an upstream that allows fewer calls than are wanted', () => {
  test('take turns', () => {
    const { global, price, round } = setUp();
    const rounds = [1, 2, 3, 4].map(() => round(global, price));
    expect(rounds).toEqual([['/global'], ['/price'], ['/global'], ['/price']]);
  });

  test('wait for one that is not wanted any more a single time', () => {
    const { global, price, round } = setUp();
    expect(round(global, price)).toEqual(['/global']);
    expect([round(global), round(global), round(global)]).toEqual([[], ['/global'], ['/global']]);
  });
});

test('a route that is due at a moment of its own is next asked then, also between two rounds', () => {
  const { budget, price } = setUp(START + 3_600_000);
  expect(budget.claim(price, true)).toBe('granted');
  budget.spend([price]);
  budget.note(price, { ok: true, readings: [], receivedAtMs: START });
  const next = (roundMs: number) => budget.reports(() => roundMs).get('coingecko')?.nextAttemptAtMs;
  expect(next(START + 300_000)).toBe(START + 3_600_000);
  expect(next(START + 3_900_000)).toBe(START + 3_600_000);
});
