/** Which upstream may be asked now, by its limits and its own last answers; and what its entry in the document says. */

import type { Clock, SourceId } from '../../contract/index.ts';
import { type Account, openAccount } from './account.ts';
import type { BudgetedRoute, Ledger } from './ledger.ts';
import { steadyIntervalS } from './plan.ts';
import type { CallResult, Limits } from './schedule.ts';
import {
  createSourceReports,
  type Finding,
  isBreaking,
  type SourceReports,
} from './source-reports.ts';

/** A route whose calls are budgeted. */
export interface BudgetedTask extends BudgetedRoute {
  readonly limits?: Limits;
  /** The next of the moments at which it is asked besides the rounds, ms since 1970. */
  dueAtMs?(): number;
  /** @see RoundTask.isBackground */
  readonly isBackground?: boolean;
}

/**
 * What is said of a call: it is granted, which makes it one of those that {@link Budget.spend} is told of next; it may not
 * be made now; or another one finds out first whether the upstream answers, and this is when to ask again.
 */
export type Claim = 'granted' | 'refused' | Promise<void>;

/** Whether a route may be called, and what came of calling it. Counts on the monotonic clock. */
export interface Budget<T extends BudgetedTask>
  extends Pick<SourceReports<T>, 'reports' | 'postponed'> {
  /**
   * Whether a route may be called now, beside those granted since the last `spend`.
   * @param isRound whether for a round: nobody else finds out whether an upstream that was left alone answers again
   */
  claim(task: T, isRound: boolean): Claim;
  /** Takes note of the calls that were granted, right before they are made. */
  spend(tasks: readonly T[]): void;
  /** A call that was granted is not made after all. */
  abandon(task: T): void;
  /**
   * Takes note of a call's result; call it right after the answer.
   * @returns whether there is something to report
   */
  note(task: T, result: CallResult<unknown>): boolean;
  /** All calls of a round, or outside of rounds, have been answered. */
  roundEnded(
    made: ReadonlyMap<T, CallResult<unknown>>,
    findings: ReadonlyMap<T, Finding>,
    isRound: boolean,
  ): void;
  /** How long until a route may be called outside of rounds, ms; `Infinity`: a round has to find out first. */
  freeInMs(task: T): number;
  /** How far apart an upstream's limits keep rounds that ask all its routes, seconds. */
  intervalS(upstream: SourceId): number;
}

/** What a budget is made of. */
export interface BudgetDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Remembers pauses and counts; all else is forgotten with the budget. */
  readonly ledger: Ledger;
}

/** Makes a budget for the given routes. */
export function createBudget<T extends BudgetedTask>(
  { clock, random, ledger }: BudgetDeps,
  tasks: readonly T[],
): Budget<T> {
  const ids = [...new Set(tasks.map((task) => task.upstream))];
  const accounts = new Map(
    ids.map((id) => [id, openAccount({ clock, random, ledger }, id, tasks)] as const),
  );
  const accountOf = ({ upstream }: T): Account<T> => {
    const account = accounts.get(upstream);
    if (account === undefined) throw new TypeError(`no task of ${upstream} is budgeted`);
    return account;
  };
  const news = createSourceReports(clock, accounts);

  return {
    claim: (task, isRound) => accountOf(task).claim(task, isRound),
    spend(called) {
      const spendings = [...accounts.values()].map(({ id, limits, spent }) => {
        spent();
        const own = called.filter(({ upstream }) => upstream === id);
        // Nothing of the past puts off what is shown: whoever asks for it keeps a distance of his own.
        const isOfRound = own.some(({ isBackground }) => isBackground !== true);
        const minCallIntervalMs = isOfRound ? (limits.minCallIntervalMs ?? 0) : 0;
        return { upstream: id, calls: own.length, minCallIntervalMs };
      });
      ledger.spend(spendings);
    },
    abandon: (task) => accountOf(task).endProbe(task),
    note(task, result) {
      accountOf(task).note(task, result);
      return news.note(task, result);
    },
    roundEnded(made, found, isRound) {
      news.found(found);
      if (!isRound) return;
      for (const { id, breaker } of accounts.values()) {
        const results = [...made].flatMap(([task, result]) =>
          task.upstream === id ? [result] : [],
        );
        if (!results.some(({ ok }) => ok) && results.some(isBreaking)) breaker.failed();
      }
    },
    reports: news.reports,
    postponed: news.postponed,
    freeInMs: (task) => accountOf(task).freeInMs(task),
    intervalS(upstream) {
      const account = accounts.get(upstream);
      if (account === undefined) return 0;
      const ofRounds = account.routes.filter(({ isBackground }) => isBackground !== true);
      return steadyIntervalS(account.limits, ofRounds.length);
    },
  };
}
