/** What is said of every upstream: by its routes' last answers, as far as anybody wants them. */

import {
  type Clock,
  type ErrorCode,
  type SourceId,
  type SourceState,
  worseState,
} from '../../contract/index.ts';
import type { Account } from './account.ts';
import type { BudgetedTask } from './budget.ts';
import type { CallResult, SourceReport } from './schedule.ts';

/** What became of a route in a round, or when it was asked outside of rounds: asked, not allowed to be, or not needed. */
export type Finding = 'asked' | 'refused' | 'unwanted';

/** @returns the wall clock, ms since 1970, of the first round at or after a moment of the monotonic clock */
export type RoundAfter = (monotonicMs: number) => number | null;

/** What is said of the upstreams of a budget. */
export interface SourceReports<T> {
  /** A call has been answered. @returns whether there is something to report */
  note(task: T, result: CallResult<unknown>): boolean;
  /** What was found out last about some routes. */
  found(findings: ReadonlyMap<T, Finding>): void;
  /**
   * One report per upstream that was ever called, by its routes that were asked last or are wanted: one that nobody
   * wants has nothing to say but when it last succeeded.
   */
  reports(roundAfterMs: RoundAfter): ReadonlyMap<SourceId, SourceReport>;
  /** For upstreams that were never called: when those are asked that were refused; `null` for those that nobody wants. */
  postponed(roundAfterMs: RoundAfter): ReadonlyMap<SourceId, number | null>;
}

/** What is known of a route. */
interface RouteRecord {
  readonly state: SourceState;
  readonly error: SourceReport['error'];
  readonly lastSuccessAtMs: number | null;
}

/** Of a route in the background that is not refused any more. */
const WELL: RouteRecord = { state: 'ok', error: null, lastSuccessAtMs: null };

const STATE_OF: Readonly<Record<ErrorCode, SourceState>> = {
  rate_limited: 'rate_limited',
  blocked: 'blocked',
  timeout: 'failing',
  unavailable: 'failing',
  bad_response: 'failing',
  too_large: 'failing',
};

/** @see SourceReports */
export function createSourceReports<T extends BudgetedTask>(
  clock: Clock,
  accounts: ReadonlyMap<SourceId, Account<T>>,
): SourceReports<T> {
  const records = new Map<T, RouteRecord>();
  const findings = new Map<T, Finding>();

  const recordsOf = (tasks: readonly T[]) => tasks.flatMap((task) => records.get(task) ?? []);
  const isWanted = (task: T) => {
    // Nobody who looks at the document waits for it.
    if (task.isBackground === true) return (records.get(task)?.state ?? 'ok') !== 'ok';
    // What is asked at moments of its own is wanted when the next of them comes.
    return task.dueAtMs !== undefined || findings.get(task) !== 'unwanted';
  };
  return {
    note(task, result) {
      const before = records.get(task);
      const record = recordOf(result, before, clock.now());
      if (task.isBackground !== true) {
        records.set(task, record);
        return true;
      }
      const isRefused = record.state === 'blocked' || record.state === 'rate_limited';
      if (!isRefused && (before?.state ?? 'ok') === 'ok') return false;
      records.set(task, isRefused ? record : WELL);
      return true;
    },
    found(newest) {
      for (const [task, finding] of newest) findings.set(task, finding);
    },
    reports(roundAfterMs) {
      const reports = new Map<SourceId, SourceReport>();
      for (const { id, routes, isPausing, attemptMs } of accounts.values()) {
        const all = recordsOf(routes);
        if (all.length === 0) continue;
        const wanted = routes.filter(isWanted);
        // Whichever route was told to wait, those that are wanted do.
        const counted = routes.filter(
          (task) => isWanted(task) || (wanted.length > 0 && isPausing(task)),
        );
        reports.set(id, reportOf(recordsOf(counted), all, attemptMs(wanted, roundAfterMs)));
      }
      return reports;
    },
    postponed(roundAfterMs) {
      const attempts = new Map<SourceId, number | null>();
      for (const { id, routes, attemptMs } of accounts.values()) {
        if (recordsOf(routes).length > 0) continue;
        const shown = routes.filter(({ isBackground }) => isBackground !== true);
        const refused = shown.filter((task) => findings.get(task) === 'refused');
        const isUnwanted = shown.every((task) => findings.get(task) === 'unwanted');
        if (refused.length > 0 || isUnwanted) attempts.set(id, attemptMs(refused, roundAfterMs));
      }
      return attempts;
    },
  };
}

/** Whether a failure is one that the breaker counts: rate limits and refusals are answers, with pauses of their own. */
export const isBreaking = (result: CallResult<unknown>): boolean =>
  !result.ok && STATE_OF[result.code] === 'failing';

/** An upstream does as badly as the worst of the routes that count, and last succeeded when any of all did. */
function reportOf(
  counted: readonly RouteRecord[],
  all: readonly RouteRecord[],
  nextAttemptAtMs: number | null,
): SourceReport {
  const state = counted.map((route) => route.state).reduce(worseState, 'ok');
  const successes = all.flatMap(({ lastSuccessAtMs }) => lastSuccessAtMs ?? []);
  return {
    state,
    lastSuccessAtMs: successes.length > 0 ? Math.max(...successes) : null,
    nextAttemptAtMs,
    error: counted.find((route) => route.state === state)?.error ?? null,
  };
}

/** After one more call. */
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
