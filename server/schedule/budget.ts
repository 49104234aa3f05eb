/** Which upstream may be asked now, judged by its own last answers; and what its entry in the document says. */

import {
  type Clock,
  type ErrorCode,
  type SourceId,
  type SourceState,
  worseState,
} from '../../contract/index.ts';
import type { CallResult, SourceReport } from './schedule.ts';

/** One route of one upstream. */
export interface BudgetedRoute {
  readonly upstream: SourceId;
  readonly route: string;
}

/** Whether a route may be called, and what came of calling it. Counts on the monotonic clock. */
export interface Budget<T extends BudgetedRoute> {
  /** Whether neither the route nor its upstream is told to wait. */
  mayCall(task: T): boolean;
  /** Takes note of a call's result; call it right after the answer. */
  note(task: T, result: CallResult<unknown>): void;
  /**
   * One report per upstream that was ever called.
   * @param roundAfterMs the wall clock, ms since 1970, of the first round at or after a moment of the monotonic clock
   */
  reports(
    roundAfterMs: (monotonicMs: number) => number | null,
  ): ReadonlyMap<SourceId, SourceReport>;
}

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
  /** Monotonic clock. */
  readonly pausedUntilMs: number;
}

/** Makes a budget for the given routes. Nothing is remembered beyond them. */
export function createBudget<T extends BudgetedRoute>(
  clock: Clock,
  tasks: readonly T[],
): Budget<T> {
  const records = new Map<T, RouteRecord>();
  /** Monotonic clock. A rate limit counts for the whole upstream, a refusal for the route alone. */
  const upstreamPausedUntilMs = new Map<SourceId, number>();

  const allowedAtMs = (task: T): number =>
    Math.max(records.get(task)?.pausedUntilMs ?? 0, upstreamPausedUntilMs.get(task.upstream) ?? 0);

  return {
    mayCall: (task) => clock.monotonic() >= allowedAtMs(task),
    note(task, result) {
      const until = clock.monotonic() + pauseMs(result, clock.now());
      const before = records.get(task);
      if (result.ok) {
        const lastSuccessAtMs = result.receivedAtMs;
        records.set(task, { state: 'ok', error: null, lastSuccessAtMs, pausedUntilMs: 0 });
        return;
      }
      records.set(task, {
        state: STATE_OF[result.code],
        error: { code: result.code, atMs: clock.now() },
        lastSuccessAtMs: before?.lastSuccessAtMs ?? null,
        pausedUntilMs: until,
      });
      if (result.code === 'blocked') return;
      const longest = Math.max(until, upstreamPausedUntilMs.get(task.upstream) ?? 0);
      upstreamPausedUntilMs.set(task.upstream, longest);
    },
    reports(roundAfterMs) {
      const reports = new Map<SourceId, SourceReport>();
      for (const upstream of new Set(tasks.map((task) => task.upstream))) {
        const routes = tasks.filter((task) => task.upstream === upstream);
        const known = routes.flatMap((task) => records.get(task) ?? []);
        if (known.length === 0) continue;
        const allowed = Math.min(...routes.map(allowedAtMs));
        reports.set(upstream, reportOf(known, roundAfterMs(allowed)));
      }
      return reports;
    },
  };
}

function pauseMs(result: CallResult<unknown>, nowMs: number): number {
  if (result.ok) return 0;
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
