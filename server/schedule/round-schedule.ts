/** The schedule: rounds at a steady cadence, every route asked once in each, none beyond what its upstream allows. */

import type { Clock } from '../../contract/index.ts';
import { createBudget } from './budget.ts';
import { createCadence } from './cadence.ts';
import type { Ledger } from './ledger.ts';
import type { CallResult, RoundListener, RoundResult, RoundTask, Schedule } from './schedule.ts';

/** What a schedule of rounds needs. */
export interface RoundScheduleDeps<R> {
  readonly clock: Clock;
  /** Every route that is asked; sources that are off have none. */
  readonly tasks: readonly RoundTask<R>[];
  /** Whether this node may call upstreams now (it holds the lease). Asked right before every call. */
  readonly mayCall: () => boolean;
  /** What is remembered of upstreams, before this schedule and after it. */
  readonly ledger: Ledger;
  readonly listener: RoundListener<R>;
  readonly log: { error(fields: object, message: string): void };
}

/** How often rounds begin. */
export interface RoundScheduleOptions {
  /** From the start of one round to the start of the next, ms. */
  readonly intervalMs: number;
  /** From `start()` to the first round, ms. Default 0. */
  readonly firstAfterMs?: number;
  /**
   * How long after the `failures`th failed round in a row the next one is tried, ms; `null` = at the interval. A round
   * tried early begins the cadence anew.
   */
  readonly retryEarlyMs?: (failures: number) => number | null;
}

/**
 * Makes a {@link Schedule}. A round that takes longer than the interval takes the place of those it overlaps. A round
 * without `mayCall()` calls nothing and ends as `failed` without reports: this node knows nothing new of any source.
 */
export function createRoundSchedule<R>(
  { clock, tasks, mayCall, ledger, listener, log }: RoundScheduleDeps<R>,
  { intervalMs, firstAfterMs = 0, retryEarlyMs }: RoundScheduleOptions,
): Schedule {
  const budget = createBudget(clock, tasks, ledger);
  const closing = Promise.withResolvers<void>();
  let isClosed = false;
  let current: Promise<RoundResult> | null = null;
  /** Beats in a row whose calls all failed: refreshes, and beats on which nothing could be called, count for nothing. */
  let failures = 0;
  /** The round under way was begun, or joined, by the cadence. */
  let isOfBeat = false;

  const round = (): Promise<RoundResult> => {
    if (isClosed) return Promise.resolve('failed');
    current ??= runRound().finally(() => {
      current = null;
    });
    return current;
  };

  const runRound = async (): Promise<RoundResult> => {
    tell(() => listener.started());
    const isAllowed = mayCall();
    const called = isAllowed ? budget.affordable() : [];
    if (isAllowed) budget.spend(called);
    let result: RoundResult = 'failed';
    const calls = called.map(async (task) => {
      if (await callOnce(task)) result = 'answered';
    });
    await Promise.race([Promise.all(calls), closing.promise]);
    if (isClosed) return 'failed';
    noteBeat(result, called.length > 0);
    if (isAllowed) tell(report);
    tell(() => listener.ended(result, called.length > 0));
    return result;
  };

  const report = () =>
    listener.reports(budget.reports(cadence.beatAfterMs), budget.postponed(cadence.beatAfterMs));

  const noteBeat = (result: RoundResult, hasCalled: boolean): void => {
    if (result === 'answered') failures = 0;
    else if (isOfBeat) {
      if (hasCalled) failures += 1;
      cadence.hasten(retryEarlyMs?.(Math.max(1, failures)) ?? intervalMs);
    }
    isOfBeat = false;
  };

  const callOnce = async (task: RoundTask<R>): Promise<boolean> => {
    if (isClosed || !mayCall()) return false;
    const outcome = await settle(task);
    if (isClosed) return false;
    budget.note(task, outcome);
    if (outcome.ok) tell(() => listener.readings(outcome.readings));
    return outcome.ok;
  };

  /** A task that throws has a mistake in it; that costs its own answer and not the round. */
  const settle = async (task: RoundTask<R>): Promise<CallResult<R>> => {
    try {
      return await task.call();
    } catch (err) {
      log.error({ source: task.upstream, route: task.route, err }, 'a call of the round threw');
      return { ok: false, code: 'bad_response', retryAtMs: null };
    }
  };

  /** A listener that throws must not stop the rounds. */
  const tell = (say: () => void): void => {
    try {
      say();
    } catch (err) {
      log.error({ err }, 'the listener of the rounds threw');
    }
  };

  const cadence = createCadence(clock, intervalMs, () => {
    isOfBeat = true;
    void round();
  });
  return {
    start() {
      if (!isClosed) cadence.start(firstAfterMs);
    },
    refresh: round,
    close() {
      isClosed = true;
      cadence.close();
      closing.resolve();
    },
  };
}
