/** What the rounds ask: every route of every source that is in use, and when each is wanted. */

import type { Clock, SourceId, Timer } from '../contract/index.ts';
import type { Config } from './config.ts';
import { CANDLE_SOURCES, MARKET_SOURCES } from './feed/choice.ts';
import type { Feed } from './feed/feed.ts';
import type { Log } from './log.ts';
import { type BoundSource, createPastDesk, type TermPastDesk } from './past/past-desk.ts';
import type { RoundResult, RoundTask } from './schedule/schedule.ts';
import { type BoundRoute, bindSource } from './sources/ask.ts';
import { SOURCES } from './sources/index.ts';
import type { CallLimits, Gift, Reading, Source } from './sources/source.ts';
import type { Upstream } from './sources/upstream.ts';

/** A route as the rounds ask it, and what it is asked for. */
export interface Task extends RoundTask<Reading> {
  readonly gives: Gift;
}

/** What the tasks are bound to. */
export interface TaskDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly upstream: Upstream;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
  /** What is known decides what is wanted. Asked only once the term has begun. */
  readonly feed: () => Pick<Feed, 'unstreamedCoins' | 'hasRunningCandles'>;
  /** Whether an exchange's prices are off, as far as is shown now. */
  readonly isSetAside: (source: SourceId) => boolean;
  /** Seconds between two calls of an upstream's route, as far as is planned now. */
  readonly intervalS: (upstream: SourceId) => number;
  /** As many ask the upstreams for themselves: what they allow is for all of them together. */
  readonly nodes: number;
  /** Asks outside of rounds. */
  readonly ask: (tasks: readonly Task[]) => Promise<RoundResult>;
  /** How long until a task may be asked so, ms. */
  readonly freeInMs: (task: Task) => number;
}

/** The tasks of one term. */
export interface Tasks {
  /** Those that stand in for each other in the order of preference. */
  readonly all: readonly Task[];
  /** Asks for the past. */
  readonly past: TermPastDesk;
  /** Sources whose routes are not asked: switched off, or without the key they need. */
  readonly unasked: readonly SourceId[];
  close(): void;
}

/**
 * Exchanges get so long from the beginning of a term to be connected and answered; until then no other's candles are
 * fetched in place of theirs.
 */
export const STREAM_GRACE_MS = 5000;

/** A due moment is spread by so much, so that not every server in the world calls at the same second. */
const DUE_SPREAD_MS = 20_000;
/** A jump of the wall clock is noticed this late at most: due moments are wall-clock times, timers are monotonic. */
const MAX_DUE_WAIT_MS = 10 * 60_000;

/** Binds every route in use. */
export function createTasks(deps: TaskDeps): Tasks {
  const wants = createWants(deps);
  const routes = new Map<SourceId, readonly BoundRoute[]>();
  const unasked: SourceId[] = [];
  const sources: BoundSource[] = [];
  for (const source of SOURCES) {
    const bound = bindingOf(source, deps);
    if (bound === null) unasked.push(source.id);
    else {
      sources.push(bound);
      routes.set(source.id, bindSource(source, bound.binding));
    }
  }
  const clocks: OwnClocked[] = [];
  const shown = inOrder(routes).map((route): Task => {
    const { upstream, gives } = route;
    const limits = shareOf(route.limits, deps.nodes);
    const base = { upstream, route: route.route, limits, gives, ...chainOf(gives) };
    const isWanted = wants[gives]?.(route);
    if (route.ownClock === null) {
      return { ...base, ...(isWanted && { isWanted }), call: route.call };
    }
    const clocked = keepOwnClock(route, route.ownClock, deps, () => void deps.ask([task]));
    clocks.push(clocked);
    const { isAlone } = route.ownClock;
    const task: Task = {
      ...base,
      isWanted: (betterFailed) =>
        (isWanted?.(betterFailed) ?? betterFailed) && (!isAlone || clocked.isDue()),
      ...(isAlone && { dueAtMs: clocked.dueAtMs }),
      call: clocked.call,
    };
    return task;
  });
  const past = createPastDesk({ ...deps, sources });
  return {
    all: [...shown, ...past.tasks],
    past,
    unasked,
    close() {
      past.close();
      for (const { close } of clocks) close();
    },
  };
}

/** @returns `null` when the source is not asked */
function bindingOf(source: Source, deps: TaskDeps): BoundSource | null {
  const { config, clock, upstream, log, intervalS, nodes } = deps;
  const { baseUrl, key } = config.sources[source.id];
  if (baseUrl === null || source.polls.length === 0 || (source.needsKey && key === null))
    return null;
  const plan = source.id === 'coingecko' ? config.coingeckoPlan : null;
  const options = { key, plan, coins: config.coins };
  const pollIntervalS = () => intervalS(source.id);
  return {
    source,
    binding: { upstream, clock, log, baseUrl, options, pollIntervalS },
    limits: shareOf(source.limits(options), nodes),
  };
}

/** Routes that give the same, from several sources, stand in for each other in this order. */
const CHAINS: Partial<Record<Gift, readonly SourceId[]>> = {
  market: MARKET_SOURCES,
  candles: CANDLE_SOURCES,
};

const chainOf = (gives: Gift) => (CHAINS[gives] === undefined ? {} : { chain: gives });

/** Chains in their own order, before all else. */
function inOrder(routes: ReadonlyMap<SourceId, readonly BoundRoute[]>): readonly BoundRoute[] {
  const chained = Object.entries(CHAINS).flatMap(([gives, sources]) =>
    sources.flatMap((id) => (routes.get(id) ?? []).filter((route) => route.gives === gives)),
  );
  const others = [...routes.values()].flat().filter((route) => !chained.includes(route));
  return [...chained, ...others];
}

/** A node's part of what an upstream allows: whole calls, and where that is less than one a minute, one in several. */
function shareOf(limits: CallLimits, nodes: number): CallLimits {
  const { minCallIntervalMs = 0, perMinute = Number.POSITIVE_INFINITY } = limits;
  if (nodes === 1) return limits;
  const aMinute = Math.floor(perMinute / nodes);
  const intervalMs = Math.max(
    minCallIntervalMs * nodes,
    aMinute < 1 ? (60_000 * nodes) / perMinute : 0,
  );
  return {
    // The counts of days and months are everybody's: nobody has a part of them to himself.
    ...limits,
    ...(intervalMs > 0 && { minCallIntervalMs: intervalMs }),
    ...(aMinute >= 1 && Number.isFinite(aMinute) && { perMinute: aMinute }),
  };
}

type IsWanted = (betterFailed: boolean) => boolean;

/** When what a route gives is wanted; for what is not here: when none before it in its chain has answered. */
function createWants({
  clock,
  feed,
}: TaskDeps): Partial<Record<Gift, (route: BoundRoute) => IsWanted>> {
  const order: readonly SourceId[] = CANDLE_SOURCES;
  const graceOverMs = clock.monotonic() + STREAM_GRACE_MS;
  return {
    // While an exchange streams every price, a polled one has nothing to add.
    prices:
      ({ knownCoins }) =>
      () =>
        feed()
          .unstreamedCoins()
          .some((coin) => knownCoins.includes(coin)),
    // The first exchange's are always wanted. Another's only where no better one has both candles and a stream: the
    // running close has to come from the same exchange.
    candles: ({ upstream }) => {
      const better = order.slice(0, order.indexOf(upstream));
      const isRunning = () => better.some((source) => feed().hasRunningCandles(source));
      const isEarly = () => clock.monotonic() < graceOverMs;
      return (betterFailed) => better.length === 0 || (isEarly() ? betterFailed : !isRunning());
    },
  };
}

interface OwnClocked {
  isDue(): boolean;
  /** ms since 1970. */
  dueAtMs(): number;
  call: BoundRoute['call'];
  close(): void;
}

/** Asks a route when it says it is due; one whose call failed stays due, and is asked with the rounds. */
function keepOwnClock(
  route: BoundRoute,
  { dueAtMs }: NonNullable<BoundRoute['ownClock']>,
  { clock, random }: TaskDeps,
  ask: () => void,
): OwnClocked {
  let nextMs = Number.NEGATIVE_INFINITY;
  /** The same on the monotonic clock: a wall clock that was ahead when it was set does not put it off for days. */
  let latestMs = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;
  let isClosed = false;
  const isDue = () => clock.now() >= nextMs || clock.monotonic() >= latestMs;
  const arm = () => {
    timer?.cancel();
    if (isClosed) return;
    const waitMs = Math.min(nextMs - clock.now(), latestMs - clock.monotonic(), MAX_DUE_WAIT_MS);
    timer = clock.after(Math.max(0, waitMs), () => {
      if (isDue()) ask();
      else arm();
    });
  };
  return {
    isDue,
    dueAtMs: () => nextMs,
    async call() {
      const answer = await route.call();
      if (answer.ok) {
        nextMs = dueAtMs(answer.readings, answer.receivedAtMs) + DUE_SPREAD_MS * random();
        latestMs = clock.monotonic() + Math.max(0, nextMs - answer.receivedAtMs);
        arm();
      }
      return answer;
    },
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}
