/** Which upstream may be asked now, judged by its own last answers; and what its entry in the document says. */

import {
  type Clock,
  type ErrorCode,
  type SourceId,
  type SourceState,
  worseState,
} from '../../contract/index.ts';
import type { BudgetedRoute, Ledger } from './ledger.ts';
import type { CallResult, Limits, SourceReport } from './schedule.ts';

/** A route whose calls are budgeted. */
export interface BudgetedTask extends BudgetedRoute {
  readonly limits?: Limits;
}

/** Whether a route may be called, and what came of calling it. Counts on the monotonic clock. */
export interface Budget<T extends BudgetedTask> {
  /** The routes that may be called now: neither they nor their upstreams are told to wait. */
  affordable(): readonly T[];
  /** Takes note of what a round calls, right before it does. */
  spend(tasks: readonly T[]): void;
  /** Takes note of a call's result; call it right after the answer. */
  note(task: T, result: CallResult<unknown>): void;
  /** One report per upstream that was ever called. */
  reports(roundAfterMs: RoundAfter): ReadonlyMap<SourceId, SourceReport>;
  /** As `reports`, for upstreams that were never called because they may not be: when they are. */
  postponed(roundAfterMs: RoundAfter): ReadonlyMap<SourceId, number | null>;
}

/** @returns the wall clock, ms since 1970, of the first round at or after a moment of the monotonic clock */
type RoundAfter = (monotonicMs: number) => number | null;

/** Wait after a "too many requests" that names no time: the limits in use are counted per minute. */
export const RATE_LIMITED_PAUSE_MS = 60_000;

/**
 * Wait after a refusal (401, 403, 451), which does not heal by asking again: rare enough to be no nuisance, often
 * enough that a key or an address that was put right is noticed within the hour.
 */
export const BLOCKED_PAUSE_MS = 30 * 60_000;

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

/**
 * Makes a budget for the given routes.
 * @param ledger remembers pauses; all else is forgotten with the budget
 */
export function createBudget<T extends BudgetedTask>(
  clock: Clock,
  tasks: readonly T[],
  ledger: Ledger,
): Budget<T> {
  const records = new Map<T, RouteRecord>();
  const upstreams = [...new Set(tasks.map((task) => task.upstream))].map((id) => {
    const routes = tasks.filter((task) => task.upstream === id);
    const minCallIntervalMs = Math.max(
      ...routes.map((task) => task.limits?.minCallIntervalMs ?? 0),
    );
    return { id, routes, minCallIntervalMs };
  });
  const allowedAtMs = (routes: readonly T[]) => Math.min(...routes.map(ledger.allowedAtMs));
  const recordsOf = (routes: readonly T[]) => routes.flatMap((task) => records.get(task) ?? []);

  return {
    affordable: () => tasks.filter((task) => clock.monotonic() >= ledger.allowedAtMs(task)),
    spend(called) {
      const spendings = upstreams.map(({ id, minCallIntervalMs }) => ({
        upstream: id,
        calls: called.filter(({ upstream }) => upstream === id).length,
        minCallIntervalMs,
      }));
      ledger.spend(spendings);
    },
    note(task, result) {
      if (result.ok) {
        records.set(task, {
          state: 'ok',
          error: null,
          lastSuccessAtMs: result.receivedAtMs,
        });
        return;
      }
      records.set(task, {
        state: STATE_OF[result.code],
        error: { code: result.code, atMs: clock.now() },
        lastSuccessAtMs: records.get(task)?.lastSuccessAtMs ?? null,
      });
      const forMs = pauseMs(result, clock.now());
      // A rate limit counts for the whole upstream, a refusal for the route alone.
      if (result.code === 'blocked') ledger.refused(task, forMs);
      else if (forMs > 0) ledger.pause(task.upstream, forMs);
    },
    reports(roundAfterMs) {
      const reports = new Map<SourceId, SourceReport>();
      for (const { id, routes } of upstreams) {
        const known = recordsOf(routes);
        if (known.length === 0) continue;
        reports.set(id, reportOf(known, roundAfterMs(allowedAtMs(routes))));
      }
      return reports;
    },
    postponed(roundAfterMs) {
      const waiting = upstreams.filter(({ routes }) => recordsOf(routes).length === 0);
      return new Map(waiting.map(({ id, routes }) => [id, roundAfterMs(allowedAtMs(routes))]));
    },
  };
}

function pauseMs(result: CallResult<unknown> & { ok: false }, nowMs: number): number {
  // The upstream's time is a wall-clock time; only its distance counts, so that a later jump of that clock does not.
  const askedMs = result.retryAtMs === null ? 0 : Math.max(0, result.retryAtMs - nowMs);
  if (result.code === 'blocked') return Math.max(askedMs, BLOCKED_PAUSE_MS);
  if (result.code === 'rate_limited' && result.retryAtMs === null) return RATE_LIMITED_PAUSE_MS;
  return askedMs;
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
