/** What one upstream may still be asked for: its limits, its own last answers, the turns of its routes. */

import type { Clock, SourceId } from '../../contract/index.ts';
import { createAllowance } from './allowance.ts';
import { createBreaker } from './breaker.ts';
import type { BudgetDeps, BudgetedTask, Claim } from './budget.ts';
import { createRateLimitPause } from './rate-limit-pause.ts';
import type { CallResult } from './schedule.ts';
import { isBreaking, type RoundAfter } from './source-reports.ts';

/**
 * Wait after a refusal (401, 403, 451), which does not heal by asking again: rare enough to be no nuisance, often
 * enough that a key or an address that was put right is noticed within the hour.
 */
export const BLOCKED_PAUSE_MS = 30 * 60_000;

/** Shortest wait after "too many requests", whatever time it names. */
const MIN_RATE_LIMITED_PAUSE_MS = 1000;

/** See {@link openAccount}. */
export type Account<T extends BudgetedTask> = ReturnType<typeof openAccount<T>>;

/** What one upstream may still be asked for. */
export function openAccount<T extends BudgetedTask>(
  { clock, random, ledger }: BudgetDeps,
  id: SourceId,
  tasks: readonly T[],
) {
  const routes = tasks.filter((task) => task.upstream === id);
  const limits = routes[0]?.limits ?? {};
  const allowance = createAllowance(clock, ledger, id, limits);
  const breaker = createBreaker(clock, random);
  const pauses = createPauses<T>(clock, ledger, id);
  /** The call that finds out whether the upstream answers again, and the end of it. */
  let probe: { readonly task: T; readonly over: PromiseWithResolvers<void> } | null = null;
  const turns = createTurns<T>();

  const allowedAtMs = (task: T) => Math.max(ledger.allowedAtMs(task), breaker.allowedAtMs());
  const fromMs = (task: T) => Math.max(allowedAtMs(task), allowance.fromMs());
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
    /** When the first of some routes is asked, ms since 1970: in a round, or when it is due. */
    attemptMs(some: readonly T[], roundAfterMs: RoundAfter): number | null {
      const attempts = some.flatMap(
        (task) => attemptOf(clock, task, fromMs(task), roundAfterMs) ?? [],
      );
      return attempts.length === 0 ? null : Math.min(...attempts);
    },
    freeInMs: (task: T) =>
      breaker.needsProbe()
        ? Number.POSITIVE_INFINITY
        : Math.max(0, fromMs(task) - clock.monotonic()),
    isPausing: pauses.isPausing,
    claim(task: T, isRound: boolean): Claim {
      if (clock.monotonic() < allowedAtMs(task)) return 'refused';
      // Whoever asks again and again would take every probe from the routes of rounds.
      if (breaker.needsProbe() && probe === null && !isRound) return 'refused';
      if (!turns.isNext(task, allowance.calls())) return 'refused';
      if (probe !== null) return probe.over.promise;
      if (breaker.needsProbe()) probe = { task, over: Promise.withResolvers() };
      turns.take(task);
      return 'granted';
    },
    spent: turns.end,
    note(task: T, result: CallResult<unknown>) {
      if (result.ok) breaker.succeeded();
      else if (probe?.task === task && isBreaking(result)) breaker.probeFailed();
      pauses.note(task, result);
      endProbe(task);
    },
  };
}

/** When a route is asked that may be called from `fromMs` (monotonic) on: in a round, or when it is due. */
function attemptOf(
  clock: Clock,
  task: BudgetedTask,
  fromMs: number,
  roundAfterMs: RoundAfter,
): number | null {
  const dueAtMs = task.dueAtMs?.() ?? Number.NEGATIVE_INFINITY;
  const dueInMs = dueAtMs - clock.now();
  const isAskedThen = dueInMs > 0 && clock.monotonic() + dueInMs >= fromMs;
  return isAskedThen ? dueAtMs : roundAfterMs(fromMs);
}

/** For how long what a route is answered has the upstream, or that route, left alone. */
function createPauses<T extends BudgetedTask>(
  clock: Clock,
  ledger: BudgetDeps['ledger'],
  id: SourceId,
) {
  const rateLimit = createRateLimitPause(clock);
  /** Of the whole upstream, by the route whose answer it was; on the monotonic clock. */
  const untilMs = new Map<T, number>();
  return {
    /** The whole upstream is left alone now because of what this route was answered. */
    isPausing: (task: T) => clock.monotonic() < (untilMs.get(task) ?? 0),
    note(task: T, result: CallResult<unknown>) {
      if (result.ok) return rateLimit.succeeded();
      const forMs = pauseMs(result, clock.now(), rateLimit.nextMs);
      // A rate limit counts for the whole upstream, a refusal for the route alone.
      if (result.code === 'blocked') ledger.refused(task, forMs);
      else if (forMs > 0) {
        ledger.pause(id, forMs);
        untilMs.set(task, clock.monotonic() + forMs);
      }
    },
  };
}

/** Who goes first where an upstream allows fewer calls than are wanted. */
function createTurns<T extends BudgetedTask>() {
  /** Calls granted since the last end. */
  let granted = 0;
  /** Routes for which nothing was left last time, those that wait longest first: each is to have its turn. */
  let waiting: readonly T[] = [];
  const refused = new Set<T>();
  let isClaimed = false;
  return {
    /** @param left calls that may be made now, those granted since the last end included */
    isNext(task: T, left: number): boolean {
      isClaimed = true;
      const ahead = waiting.includes(task) ? waiting.indexOf(task) : waiting.length;
      const isNext = left - granted - ahead >= 1;
      // What is asked in the background takes what is left, and nobody's turn.
      if (!isNext && task.isBackground !== true) refused.add(task);
      return isNext;
    },
    take(task: T) {
      granted += 1;
      waiting = waiting.filter((other) => other !== task);
    },
    /** Those that were refused meanwhile are next. */
    end() {
      granted = 0;
      if (!isClaimed) return;
      isClaimed = false;
      waiting = [...new Set([...waiting.filter((task) => refused.has(task)), ...refused])];
      refused.clear();
    },
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
