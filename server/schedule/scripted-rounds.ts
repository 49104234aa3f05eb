/** For tests: a schedule whose calls the test answers, and which writes down what its listener hears. */

import type { SourceId } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createRoundSchedule, type RoundScheduleOptions } from './round-schedule.ts';
import type { CallResult, RoundTask, SourceReport } from './schedule.ts';

/** The wall clock at first, ms since 1970. */
export const START = Date.UTC(2026, 10, 23, 7);

/** Of the schedule, ms. */
export const INTERVAL_MS = 300_000;

type Result = CallResult<string>;

/** A route whose calls wait until the test answers them. */
export function createRoute(
  upstream: SourceId,
  route: string,
  more: Partial<Omit<RoundTask<string>, 'call'>> = {},
) {
  const calls: PromiseWithResolvers<Result>[] = [];
  const task: RoundTask<string> = {
    ...more,
    upstream,
    route,
    call() {
      const call = Promise.withResolvers<Result>();
      calls.push(call);
      return call.promise;
    },
  };
  return {
    task,
    calls,
    /** Answers the newest call. */
    answer: (result: Result) => calls.at(-1)?.resolve(result),
    /** Makes every call answer at once. */
    always(result: () => Result) {
      task.call = () => {
        const call = Promise.withResolvers<Result>();
        calls.push(call);
        call.resolve(result());
        return call.promise;
      };
    },
  };
}

type Route = ReturnType<typeof createRoute>;

/**
 * A schedule of two routes of one source and one of another, on a clock that the test moves.
 * @param clock an earlier schedule's, for one that follows it
 * @param ledger likewise
 */
export function setUp(clock = createManualClock(START), ledger = createMemoryLedger(clock)) {
  const market = createRoute('coingecko', '/global');
  const price = createRoute('coingecko', '/price');
  const fng = createRoute('alternative_me', '/fng/');
  return { market, price, fng, ...setUpRoutes([market, price, fng], clock, ledger) };
}

/** A schedule of the routes that are given; otherwise as {@link setUp}. */
export function setUpRoutes(
  routes: readonly Route[],
  clock = createManualClock(START),
  ledger = createMemoryLedger(clock),
  options: Partial<RoundScheduleOptions> = {},
) {
  const heard: unknown[] = [];
  const errors: unknown[] = [];
  const lease = { isHeld: true };
  let reports: ReadonlyMap<SourceId, SourceReport> = new Map();
  let postponed: ReadonlyMap<SourceId, number | null> = new Map();
  const ok = (...readings: string[]): Result => ({ ok: true, readings, receivedAtMs: clock.now() });
  const listener = {
    started: () => heard.push('started'),
    readings: (readings: readonly string[]) => heard.push(readings),
    reports(all: typeof reports, later: typeof postponed) {
      reports = all;
      postponed = later;
      heard.push('reports');
    },
    ended: (result: string, hasCalled: boolean) =>
      heard.push(hasCalled ? result : `${result}, nothing called`),
  };
  const schedule = createRoundSchedule(
    {
      clock,
      random: () => 0.5,
      tasks: routes.map((route) => route.task),
      mayCall: () => lease.isHeld,
      ledger,
      listener,
      log: { error: (fields) => errors.push(fields) },
    },
    { intervalMs: INTERVAL_MS, ...options },
  );
  return {
    ...{ clock, ledger, routes, heard, errors, lease, listener, schedule, ok },
    reportOf: (source: SourceId) => reports.get(source),
    postponed: () => [...postponed],
    counts: () => routes.map((route) => route.calls.length),
    allOk() {
      for (const route of routes) route.always(() => ok());
    },
  };
}

/** The result of a call that failed. */
export const failed = (
  code: 'timeout' | 'blocked' | 'rate_limited',
  retryAtMs: number | null = null,
) => ({ ok: false, code, retryAtMs }) as const;
