/** The ledger of one process that outlives it: what it learns is written to the store. */

import type { Clock } from '../../contract/index.ts';
import type { BudgetId, Store } from '../store/store.ts';
import { createMemoryLedger, type MemoryLedger, periodOf } from './memory-ledger.ts';
import { MINUTE_MS, sumOf } from './minute-window.ts';

/**
 * A ledger that begins with what the store has kept, and keeps there what is counted and how long an upstream is to be
 * left alone. One row is written when an upstream is called, one more when it asks to wait; refusals of a route are
 * forgotten with the process, since its address may be another afterwards.
 *
 * A pause goes on by the wall clock, which may have jumped meanwhile: it lasts no longer than it was when it was saved.
 * So does the last minute, whose calls then count as made when they were saved: for a minute from then at most.
 */
export function createStoredLedger(
  clock: Clock,
  store: Pick<Store, 'loadBudgets' | 'saveBudget'>,
): MemoryLedger {
  const budgets = store.loadBudgets();
  const own = createMemoryLedger(clock, budgets);
  const keep = (upstream: BudgetId) => {
    const savedAtMs = clock.now();
    store.saveBudget({
      upstream,
      day: periodOf(savedAtMs).day,
      ...own.calls(upstream),
      lastMinute: sumOf(own.lastMinute(upstream)),
      pausedUntilMs: savedAtMs + own.pauseMs(upstream),
      savedAtMs,
    });
  };
  // What was saved last of an upstream held all that was known of its pause and its minute.
  for (const { upstream, lastMinute, pausedUntilMs, savedAtMs } of new Map(
    budgets.map((budget) => [budget.upstream, budget] as const),
  ).values()) {
    const nowMs = clock.now();
    own.pause(upstream, Math.min(pausedUntilMs - nowMs, pausedUntilMs - savedAtMs));
    own.learnMinute(upstream, { lastMinute, lastMinuteForMs: savedAtMs + MINUTE_MS - nowMs });
    // Saved by a clock that has gone back since: it would begin anew with every restart.
    if (savedAtMs > nowMs && (own.pauseMs(upstream) > 0 || lastMinute > 0)) keep(upstream);
  }
  return {
    ...own,
    spend(spendings) {
      own.spend(spendings);
      for (const { upstream, calls } of spendings) if (calls > 0) keep(upstream);
    },
    pause(upstream, forMs) {
      own.pause(upstream, forMs);
      keep(upstream);
    },
  };
}
