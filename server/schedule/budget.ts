/** Which upstream may be asked now, by its limits and its own last answers; and what its entry in the document says. */

import {
  type Clock,
  type ErrorCode,
  type SourceId,
  type SourceState,
  worseState,
} from '../../contract/index.ts';
import { createAllowance } from './allowance.ts';
import { createBreaker } from './breaker.ts';
import type { BudgetedRoute, Ledger } from './ledger.ts';
import { steadyIntervalS } from './plan.ts';
import { createRateLimitPause } from './rate-limit-pause.ts';
import type { CallResult, Limits, SourceReport } from './schedule.ts';

/** A route whose calls are budgeted. */
export interface BudgetedTask extends BudgetedRoute {
  readonly limits?: Limits;
  /** Before then it is not wanted anyway, ms since 1970. Left out: it is wanted in every round. */
  dueAtMs?(): number;
}

/**
 * What is said of a call: it is granted, which makes it one of those that {@link Budget.spend} is told of next; it may not
 * be made now; or another one finds out first whether the upstream answers, and this is when to ask again.
 */
export type Claim = 'granted' | 'refused' | Promise<void>;

/** Whether a route may be called, and what came of calling it. Counts on the monotonic clock. */
export interface Budget<T extends BudgetedTask> {
  /** Whether a route may be called now, beside those granted since the last `spend`. */
  claim(task: T): Claim;
  /** Takes note of the calls that were granted, right before they are made. */
  spend(tasks: readonly T[]): void;
  /** A call that was granted is not made after all. */
  abandon(task: T): void;
  /** Takes note of a call's result; call it right after the answer. */
  note(task: T, result: CallResult<unknown>): void;
  /** All calls of a round have been answered. */
  roundEnded(made: ReadonlyMap<T, CallResult<unknown>>): void;
  /** One report per upstream that was ever called. */
  reports(roundAfterMs: RoundAfter): ReadonlyMap<SourceId, SourceReport>;
  /** As `reports`, for upstreams that were never called: when they may be. */
  postponed(roundAfterMs: RoundAfter): ReadonlyMap<SourceId, number | null>;
  /** How far apart an upstream's limits keep rounds that ask all its routes, seconds. */
  intervalS(upstream: SourceId): number;
}

/** @returns the wall clock, ms since 1970, of the first round at or after a moment of the monotonic clock */
type RoundAfter = (monotonicMs: number) => number | null;

/** What a budget is made of. */
export interface BudgetDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Remembers pauses and counts; all else is forgotten with the budget. */
  readonly ledger: Ledger;
}

/**
 * Wait after a refusal (401, 403, 451), which does not heal by asking again: rare enough to be no nuisance, often
 * enough that a key or an address that was put right is noticed within the hour.
 */
export const BLOCKED_PAUSE_MS = 30 * 60_000;

/** Shortest wait after "too many requests", whatever time it names. */
const MIN_RATE_LIMITED_PAUSE_MS = 1000;

const STATE_OF: Readonly<Record<ErrorCode, SourceState>> = {
  rate_limited: 'rate_limited',
  blocked: 'blocked',
  timeout: 'failing',
  unavailable: 'failing',
  bad_response: 'failing',
  too_large: 'failing',
};

/** What is known of a route. */
interface RouteRecord {
  readonly state: SourceState;
  readonly error: SourceReport['error'];
  readonly lastSuccessAtMs: number | null;
}

/** Makes a budget for the given routes. */
export function createBudget<T extends BudgetedTask>(
  { clock, random, ledger }: BudgetDeps,
  tasks: readonly T[],
): Budget<T> {
  const records = new Map<T, RouteRecord>();
  const ids = [...new Set(tasks.map((task) => task.upstream))];
  const accounts = new Map(
    ids.map((id) => [id, openAccount({ clock, random, ledger }, id, tasks)] as const),
  );
  const accountOf = ({ upstream }: T): Account<T> => {
    const account = accounts.get(upstream);
    if (account === undefined) throw new TypeError(`no task of ${upstream} is budgeted`);
    return account;
  };
  const recordsOf = ({ routes }: Account<T>) => routes.flatMap((task) => records.get(task) ?? []);

  return {
    claim: (task) => accountOf(task).claim(task),
    spend(called) {
      const spendings = [...accounts.values()].map(({ id, limits, spent }) => {
        spent();
        const calls = called.filter(({ upstream }) => upstream === id).length;
        return { upstream: id, calls, minCallIntervalMs: limits.minCallIntervalMs ?? 0 };
      });
      ledger.spend(spendings);
    },
    abandon: (task) => accountOf(task).endProbe(task),
    note(task, result) {
      records.set(task, recordOf(result, records.get(task), clock.now()));
      accountOf(task).note(task, result);
    },
    roundEnded(made) {
      for (const { id, breaker } of accounts.values()) {
        const results = [...made].flatMap(([task, result]) =>
          task.upstream === id ? [result] : [],
        );
        if (!results.some(({ ok }) => ok) && results.some(isBreaking)) breaker.failed();
      }
    },
    reports(roundAfterMs) {
      const reports = new Map<SourceId, SourceReport>();
      for (const account of accounts.values()) {
        const known = recordsOf(account);
        if (known.length === 0) continue;
        const nextMs = roundAfterMs(account.fromMs());
        reports.set(account.id, reportOf(known, nextMs && Math.max(nextMs, account.dueAtMs())));
      }
      return reports;
    },
    postponed(roundAfterMs) {
      const waiting = [...accounts.values()].filter((account) => recordsOf(account).length === 0);
      return new Map(waiting.map(({ id, fromMs }) => [id, roundAfterMs(fromMs())]));
    },
    intervalS(upstream) {
      const account = accounts.get(upstream);
      return account === undefined ? 0 : steadyIntervalS(account.limits, account.routes.length);
    },
  };
}

type Account<T extends BudgetedTask> = ReturnType<typeof openAccount<T>>;

/** What one upstream may still be asked for. */
function openAccount<T extends BudgetedTask>(
  { clock, random, ledger }: BudgetDeps,
  id: SourceId,
  tasks: readonly T[],
) {
  const routes = tasks.filter((task) => task.upstream === id);
  const limits = routes[0]?.limits ?? {};
  const allowance = createAllowance(clock, ledger, id, limits);
  const breaker = createBreaker(clock, random);
  const rateLimit = createRateLimitPause(clock);
  /** The call that finds out whether the upstream answers again, and the end of it. */
  let probe: { readonly task: T; readonly over: PromiseWithResolvers<void> } | null = null;
  let granted = 0;
  /** Routes for which nothing was left last time, those that wait longest first: each is to have its turn. */
  let waiting: readonly T[] = [];
  const refused = new Set<T>();
  let isClaimed = false;

  const allowedAtMs = (task: T) => Math.max(ledger.allowedAtMs(task), breaker.allowedAtMs());
  const endProbe = (task: T) => {
    if (probe?.task !== task) return;
    probe.over.resolve();
    probe = null;
  };
  return {
    id,
    routes,
    limits,
    breaker,
    endProbe,
    /** The first moment at which any route is wanted, ms since 1970. */
    dueAtMs: () => Math.min(...routes.map((task) => task.dueAtMs?.() ?? Number.NEGATIVE_INFINITY)),
    /** The first moment at which any route may be called. */
    fromMs: () => Math.max(Math.min(...routes.map(allowedAtMs)), allowance.fromMs()),
    claim(task: T): Claim {
      isClaimed = true;
      if (clock.monotonic() < allowedAtMs(task)) return 'refused';
      const ahead = waiting.includes(task) ? waiting.indexOf(task) : waiting.length;
      if (allowance.calls() - granted - ahead < 1) {
        refused.add(task);
        return 'refused';
      }
      if (probe !== null) return probe.over.promise;
      if (breaker.needsProbe()) probe = { task, over: Promise.withResolvers() };
      granted += 1;
      waiting = waiting.filter((other) => other !== task);
      return 'granted';
    },
    spent() {
      granted = 0;
      if (!isClaimed) return;
      isClaimed = false;
      waiting = [...new Set([...waiting.filter((task) => refused.has(task)), ...refused])];
      refused.clear();
    },
    note(task: T, result: CallResult<unknown>) {
      if (result.ok) {
        breaker.succeeded();
        rateLimit.succeeded();
      } else {
        if (probe?.task === task && isBreaking(result)) breaker.probeFailed();
        const forMs = pauseMs(result, clock.now(), rateLimit.nextMs);
        // A rate limit counts for the whole upstream, a refusal for the route alone.
        if (result.code === 'blocked') ledger.refused(task, forMs);
        else if (forMs > 0) ledger.pause(id, forMs);
      }
      endProbe(task);
    },
  };
}

/** Whether a failure is one that the breaker counts: rate limits and refusals are answers, with pauses of their own. */
const isBreaking = (result: CallResult<unknown>): boolean =>
  !result.ok && STATE_OF[result.code] === 'failing';

function recordOf(
  result: CallResult<unknown>,
  before: RouteRecord | undefined,
  nowMs: number,
): RouteRecord {
  if (result.ok) return { state: 'ok', error: null, lastSuccessAtMs: result.receivedAtMs };
  return {
    state: STATE_OF[result.code],
    error: { code: result.code, atMs: nowMs },
    lastSuccessAtMs: before?.lastSuccessAtMs ?? null,
  };
}

function pauseMs(
  result: CallResult<unknown> & { ok: false },
  nowMs: number,
  unnamedMs: () => number,
): number {
  // The upstream's time is a wall-clock time; only its distance counts, so that a later jump of that clock does not.
  const askedMs = result.retryAtMs === null ? 0 : Math.max(0, result.retryAtMs - nowMs);
  if (result.code === 'blocked') return Math.max(askedMs, BLOCKED_PAUSE_MS);
  if (result.code !== 'rate_limited') return askedMs;
  return result.retryAtMs === null ? unnamedMs() : Math.max(askedMs, MIN_RATE_LIMITED_PAUSE_MS);
}

/** An upstream does as badly as its worst route, and last succeeded when any of them did. */
function reportOf(routes: readonly RouteRecord[], nextAttemptAtMs: number | null): SourceReport {
  const state = routes.map((route) => route.state).reduce(worseState);
  const successes = routes.flatMap(({ lastSuccessAtMs }) => lastSuccessAtMs ?? []);
  return {
    state,
    lastSuccessAtMs: successes.length > 0 ? Math.max(...successes) : null,
    nextAttemptAtMs,
    error: routes.find((route) => route.state === state)?.error ?? null,
  };
}
