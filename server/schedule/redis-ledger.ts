/** The ledger of a node among others: its own, with a copy in Redis for whoever leads next. */

import type { Clock } from '../../contract/index.ts';
import type { BudgetSteps } from '../redis/steps.ts';
import type { BudgetId } from '../store/store.ts';
import { type Ledger, MAX_PAUSE_MS } from './ledger.ts';
import { type MemoryLedger, periodOf } from './memory-ledger.ts';
import { sumOf } from './minute-window.ts';

/** What a shared ledger is made of. */
export interface RedisLedgerDeps {
  readonly steps: BudgetSteps;
  /** What this node knows itself. */
  readonly own: MemoryLedger;
  /** `false` while this node is solo: Redis is not asked then, and what was spent meanwhile is told afterwards. */
  readonly isShared: () => boolean;
  readonly clock: Clock;
  readonly log: {
    debug(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/**
 * A ledger in Redis; see the duties on {@link Ledger}. Every write brings the copy up to what this node knows, so that
 * one that was lost, or all that Redis had, is there again with the next round.
 */
export function createRedisLedger({ steps, own, isShared, clock, log }: RedisLedgerDeps): Ledger {
  /** Calls that Redis has not confirmed to have counted: counted twice rather than never. */
  const owed = new Map<BudgetId, number>();
  let isFailing = false;

  const failed = (err: unknown) => {
    const level = isFailing ? 'debug' : 'warn';
    isFailing = true;
    log[level]({ err }, 'what upstreams allow is not shared now; going by what this node knows');
  };
  const owe = (upstream: BudgetId, calls: number) =>
    void owed.set(upstream, (owed.get(upstream) ?? 0) + calls);

  const write = async (upstreams: readonly BudgetId[]) => {
    if (!isShared()) return;
    const words = upstreams
      .map((upstream) => ({
        upstream,
        pauseMs: own.pauseMs(upstream),
        calls: owed.get(upstream) ?? 0,
        lastMinute: sumOf(own.lastMinute(upstream)),
      }))
      .filter(({ pauseMs, calls }) => pauseMs > 0 || calls > 0);
    if (words.length === 0) return;
    for (const { upstream } of words) owed.delete(upstream);
    try {
      await steps.writeBudgets(words, periodOf(clock.now()), MAX_PAUSE_MS);
      isFailing = false;
    } catch (err) {
      for (const { upstream, calls } of words) owe(upstream, calls);
      failed(err);
    }
  };

  return {
    ...own,
    async catchUp(upstreams) {
      if (!isShared()) return;
      try {
        const words = await steps.readBudgets(upstreams, periodOf(clock.now()));
        isFailing = false;
        for (const [index, upstream] of upstreams.entries()) {
          const word = words[index];
          if (word !== undefined) own.learn(upstream, word);
        }
      } catch (err) {
        failed(err);
      }
    },
    spend(spendings) {
      own.spend(spendings);
      for (const { upstream, calls } of spendings) owe(upstream, calls);
      void write(spendings.map(({ upstream }) => upstream));
    },
    pause(upstream, forMs) {
      own.pause(upstream, forMs);
      void write([upstream]);
    },
  };
}
