/** The ledger of one process: all that a node alone needs, and what it falls back on among others. */

import type { Clock, SourceId } from '../../contract/index.ts';
import type { CountedPeriod } from '../redis/steps.ts';
import { type BudgetedRoute, type CallCount, type Ledger, MAX_PAUSE_MS } from './ledger.ts';

/** What others remember of an upstream. */
export interface LedgerWord extends CallCount {
  /** How much longer it is to be left alone, ms; 0 = not at all. */
  readonly pauseMs: number;
}

/** A ledger in memory, to which others may add what they know. */
export interface MemoryLedger extends Ledger {
  /** Takes over what is stricter than what is known here. */
  learn(upstream: SourceId, word: LedgerWord): void;
  /** How much longer an upstream is to be left alone as a whole, ms. */
  pauseMs(upstream: SourceId): number;
}

/** The period of a moment of the wall clock. */
export function periodOf(nowMs: number): CountedPeriod {
  const text = new Date(nowMs).toISOString();
  return { day: text.slice(0, 10), month: text.slice(0, 7) };
}

const NO_CALLS: CallCount & CountedPeriod = { today: 0, thisMonth: 0, day: '', month: '' };

/** @see MemoryLedger */
export function createMemoryLedger(clock: Clock): MemoryLedger {
  /** By upstream, and by route; on the monotonic clock. */
  const pausedUntilMs = new Map<string, number>();
  const counts = new Map<SourceId, CallCount & CountedPeriod>();

  const until = (key: string) => pausedUntilMs.get(key) ?? 0;
  const extend = (key: string, forMs: number) => {
    const untilMs = clock.monotonic() + Math.min(forMs, MAX_PAUSE_MS);
    if (forMs > 0) pausedUntilMs.set(key, Math.max(until(key), untilMs));
  };
  const calls = (upstream: SourceId): CallCount => {
    const count = counts.get(upstream) ?? NO_CALLS;
    const { day, month } = periodOf(clock.now());
    return {
      today: count.day === day ? count.today : 0,
      thisMonth: count.month === month ? count.thisMonth : 0,
    };
  };
  const setCalls = (upstream: SourceId, count: CallCount) =>
    void counts.set(upstream, { ...count, ...periodOf(clock.now()) });

  return {
    catchUp: async () => {},
    allowedAtMs: (task) => Math.max(until(task.upstream), until(keyOf(task))),
    spend(spendings) {
      for (const { upstream, calls: added, minCallIntervalMs } of spendings) {
        if (added === 0) continue;
        extend(upstream, minCallIntervalMs);
        const { today, thisMonth } = calls(upstream);
        setCalls(upstream, { today: today + added, thisMonth: thisMonth + added });
      }
    },
    pause: extend,
    refused: (task, forMs) => extend(keyOf(task), forMs),
    calls,
    learn(upstream, word) {
      extend(upstream, word.pauseMs);
      const { today, thisMonth } = calls(upstream);
      setCalls(upstream, {
        today: Math.max(today, word.today),
        thisMonth: Math.max(thisMonth, word.thisMonth),
      });
    },
    pauseMs: (upstream) => Math.max(0, until(upstream) - clock.monotonic()),
  };
}

/** Routes begin with a slash, upstreams do not hold one. */
const keyOf = ({ upstream, route }: BudgetedRoute): string => upstream + route;
