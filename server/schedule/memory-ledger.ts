/** The ledger of one process: all that a node alone needs, and what it falls back on among others. */

import type { Clock, SourceId } from '../../contract/index.ts';
import type { CountedPeriod } from '../redis/steps.ts';
import type { BudgetId } from '../store/store.ts';
import { type BudgetedRoute, type CallCount, type Ledger, MAX_PAUSE_MS } from './ledger.ts';
import { type CallsAt, MINUTE_MS, sumOf } from './minute-window.ts';

/** What others remember of an upstream. */
export interface LedgerWord extends CallCount {
  /** How much longer it is to be left alone, ms; 0 = not at all. */
  readonly pauseMs: number;
  /** Calls that count in the minute that is limited. */
  readonly lastMinute: number;
  /** How much longer they do, ms; a minute at most, whatever is said. */
  readonly lastMinuteForMs: number;
}

/** What was counted of an upstream on one day. */
export interface DayCount extends CallCount {
  readonly upstream: BudgetId;
  /** `2026-11-23` */
  readonly day: string;
}

/** A ledger in memory, to which others may add what they know. */
export interface MemoryLedger extends Ledger {
  /** Takes over what is stricter than what is known here. */
  learn(upstream: BudgetId, word: LedgerWord): void;
  /** As `learn`, of the last minute alone. */
  learnMinute(upstream: BudgetId, word: Pick<LedgerWord, 'lastMinute' | 'lastMinuteForMs'>): void;
}

/** The period of a moment of the wall clock. */
export function periodOf(nowMs: number): CountedPeriod {
  const text = new Date(nowMs).toISOString();
  return { day: text.slice(0, 10), month: text.slice(0, 7) };
}

/**
 * So many days are remembered of an upstream, those counted last: where the wall clock is wrong for some days, the counts
 * of the right ones are there when it comes back.
 */
const KEPT_DAYS = 8;

/**
 * @param counted on earlier days by an earlier process, oldest first
 * @see MemoryLedger
 */
export function createMemoryLedger(clock: Clock, counted: readonly DayCount[] = []): MemoryLedger {
  /** By upstream, and by route; on the monotonic clock. */
  const pausedUntilMs = new Map<string, number>();
  const days = createDays(clock);
  for (const count of counted) days.set(count);
  const madeLately = new Map<BudgetId, readonly CallsAt[]>();

  const until = (key: string) => pausedUntilMs.get(key) ?? 0;
  const extend = (key: string, forMs: number) => {
    const untilMs = clock.monotonic() + Math.min(forMs, MAX_PAUSE_MS);
    if (forMs > 0) pausedUntilMs.set(key, Math.max(until(key), untilMs));
  };
  const lastMinute = (upstream: BudgetId) =>
    (madeLately.get(upstream) ?? []).filter(({ atMs }) => clock.monotonic() - atMs < MINUTE_MS);
  const learnMinute: MemoryLedger['learnMinute'] = (upstream, word) => {
    const known = lastMinute(upstream);
    const calls = word.lastMinute - sumOf(known);
    const forMs = Math.min(word.lastMinuteForMs, MINUTE_MS);
    if (calls <= 0 || forMs <= 0) return;
    const made = { atMs: clock.monotonic() + forMs - MINUTE_MS, calls };
    madeLately.set(
      upstream,
      [...known, made].sort((a, b) => a.atMs - b.atMs),
    );
  };

  return {
    catchUp: async () => {},
    allowedAtMs: (task) => Math.max(until(task.upstream), until(keyOf(task))),
    spend(spendings) {
      for (const { upstream, calls, minCallIntervalMs } of spendings) {
        if (calls === 0) continue;
        extend(upstream, minCallIntervalMs);
        days.add(upstream, calls);
        const made = { atMs: clock.monotonic(), calls };
        madeLately.set(upstream, [...lastMinute(upstream), made]);
      }
    },
    pause: extend,
    refused: (task, forMs) => extend(keyOf(task), forMs),
    calls: days.now,
    lastMinute,
    learn(upstream, word) {
      extend(upstream, word.pauseMs);
      const { today, thisMonth } = days.now(upstream);
      days.set({
        upstream,
        day: periodOf(clock.now()).day,
        today: Math.max(today, word.today),
        thisMonth: Math.max(thisMonth, word.thisMonth),
      });
      learnMinute(upstream, word);
    },
    learnMinute,
    pauseMs: (upstream) => Math.max(0, until(upstream) - clock.monotonic()),
  };
}

/** The counts of each upstream's last days, the one counted last at the end. */
function createDays(clock: Clock) {
  const kept = new Map<BudgetId, readonly DayCount[]>();
  const daysOf = (upstream: BudgetId) => kept.get(upstream) ?? [];
  const set = (count: DayCount) => {
    const others = daysOf(count.upstream).filter(({ day }) => day !== count.day);
    kept.set(count.upstream, [...others, count].slice(-KEPT_DAYS));
  };
  const now = (upstream: BudgetId): CallCount => {
    const { day, month } = periodOf(clock.now());
    const ofMonth = daysOf(upstream).filter((count) => count.day.startsWith(month));
    return {
      today: ofMonth.find((count) => count.day === day)?.today ?? 0,
      thisMonth: Math.max(0, ...ofMonth.map(({ thisMonth }) => thisMonth)),
    };
  };
  return {
    set,
    now,
    add(upstream: SourceId, calls: number) {
      const { today, thisMonth } = now(upstream);
      const { day } = periodOf(clock.now());
      set({ upstream, day, today: today + calls, thisMonth: thisMonth + calls });
    },
  };
}

/** Routes begin with a slash, upstreams do not hold one. */
const keyOf = ({ upstream, route }: BudgetedRoute): string => upstream + route;
