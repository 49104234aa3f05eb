/** The schedule: rounds at a steady cadence, every wanted route asked once in each, none beyond what its upstream allows. */

import type { Clock } from '../../contract/index.ts';
import { createBudget } from './budget.ts';
import { createCadence } from './cadence.ts';
import { type Findings, type Inquiry, inquire } from './inquiry.ts';
import type { Ledger } from './ledger.ts';
import type { CallResult, RoundListener, RoundResult, RoundTask, Schedule } from './schedule.ts';

/** What a schedule of rounds needs. */
export interface RoundScheduleDeps<R> {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
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

/** What is said of an inquiry that was cut off, or never begun. */
const NOTHING_FOUND: Findings = { hasCalled: false, hasAnswer: false };

/**
 * Makes a {@link Schedule}. A round that takes longer than the interval takes the place of those it overlaps. A round
 * without `mayCall()` calls nothing and ends as `failed` without reports: this node knows nothing new of any source.
 */
export function createRoundSchedule<R>(
  deps: RoundScheduleDeps<R>,
  { intervalMs, firstAfterMs = 0, retryEarlyMs }: RoundScheduleOptions,
): Schedule<R> {
  const { clock, tasks, mayCall, listener } = deps;
  const tell = createTell(deps.log);
  const budget = createBudget(deps, tasks);
  const { ask: find, takeNews, close: closeInquiries } = createInquiries(deps, budget, tell);
  const ofRounds = tasks.filter(({ isBackground }) => isBackground !== true);
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
    const findings = await find(isAllowed ? ofRounds : [], true);
    if (isClosed) return 'failed';
    const result = resultOf(findings);
    noteBeat(result, findings.hasCalled);
    if (isAllowed) tell(report);
    tell(() => listener.ended(result, findings.hasCalled));
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

  const cadence = createCadence(clock, intervalMs, () => {
    isOfBeat = true;
    void round();
  });
  return {
    start() {
      if (!isClosed) cadence.start(firstAfterMs);
    },
    refresh: round,
    async ask(asked) {
      const findings = await find(asked, false);
      const isNews = takeNews() || asked.some(({ isBackground }) => isBackground !== true);
      if (findings.hasCalled && isNews && !isClosed) tell(report);
      return resultOf(findings);
    },
    freeInMs: budget.freeInMs,
    intervalS: (upstream) => Math.ceil(Math.max(intervalMs / 1000, budget.intervalS(upstream))),
    close() {
      isClosed = true;
      cadence.close();
      closeInquiries();
    },
  };
}

const resultOf = ({ hasAnswer }: Findings): RoundResult => (hasAnswer ? 'answered' : 'failed');

/** Runs what must not stop the rounds when it throws. */
type Tell = (say: () => void) => void;

const createTell =
  (log: RoundScheduleDeps<unknown>['log']): Tell =>
  (say) => {
    try {
      say();
    } catch (err) {
      log.error({ err }, 'the listener of the rounds threw');
    }
  };

/** The inquiries of a schedule; what one of them calls the others wait for. */
function createInquiries<R>(
  schedule: RoundScheduleDeps<R>,
  budget: ReturnType<typeof createBudget<RoundTask<R>>>,
  tell: Tell,
) {
  const { clock, tasks, mayCall, log } = schedule;
  const inquiries = new Set<Inquiry>();
  const closing = Promise.withResolvers<Findings>();
  let isClosed = false;
  const calls = createCalls(schedule, budget, tell, () => isClosed);
  const onMistake = ({ upstream, route }: RoundTask<R>, err: unknown) =>
    log.error({ source: upstream, route, err }, 'whether a route is wanted could not be said');
  const deps = { clock, tasks, budget, mayCall, onMistake, ...calls };
  return {
    async ask(asked: readonly RoundTask<R>[], isRound: boolean): Promise<Findings> {
      if (isClosed) return NOTHING_FOUND;
      const inquiry = inquire(deps, asked, isRound);
      inquiries.add(inquiry);
      const findings = await Promise.race([inquiry.over, closing.promise]);
      inquiries.delete(inquiry);
      return findings;
    },
    takeNews: calls.takeNews,
    close() {
      isClosed = true;
      for (const inquiry of inquiries) inquiry.close();
      closing.resolve(NOTHING_FOUND);
    },
  };
}

/** The calls of a schedule, of which no task has two at once. */
function createCalls<R>(
  { mayCall, listener, log }: RoundScheduleDeps<R>,
  budget: ReturnType<typeof createBudget<RoundTask<R>>>,
  tell: Tell,
  isClosed: () => boolean,
) {
  const underWay = new Map<RoundTask<R>, Promise<CallResult<R> | null>>();
  /** Of the background; what is asked for otherwise is always reported. */
  let hasNews = false;

  const answerOf = async (task: RoundTask<R>): Promise<CallResult<R> | null> => {
    const result = await settle(task);
    underWay.delete(task);
    if (isClosed()) return null;
    if (budget.note(task, result) && task.isBackground === true) hasNews = true;
    if (result.ok) tell(() => listener.readings(result.readings));
    return result;
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
  return {
    underWay,
    call(task: RoundTask<R>): Promise<CallResult<R> | null> {
      if (isClosed() || !mayCall()) {
        budget.abandon(task);
        return Promise.resolve(null);
      }
      const answer = answerOf(task);
      underWay.set(task, answer);
      return answer;
    },
    /** Whether anything was answered in the background, since the last time, that there is something to report of. */
    takeNews() {
      const had = hasNews;
      hasNews = false;
      return had;
    },
  };
}
