/** One term of leadership, composed: schedule → sources → feed → publisher → broker. */

import {
  type Clock,
  type DashboardDocument,
  isEmpty,
  polledStaleAfterS,
  type SourceId,
  STALE_AFTER_S,
  type Timer,
  UPSTREAM_CACHE_S,
} from '../contract/index.ts';
import type { Broker, RoundOutcome } from './broker/broker.ts';
import type { Config } from './config.ts';
import type { StaleTable } from './feed/assemble.ts';
import { createFeed, type Feed, type SourceWord } from './feed/feed.ts';
import { createPublisher, type Publisher } from './feed/publisher.ts';
import type { Lease } from './leader/lease.ts';
import type { Log } from './log.ts';
import { createRoundSchedule } from './schedule/round-schedule.ts';
import type { RoundResult, Schedule } from './schedule/schedule.ts';
import { type BoundRoute, bindSource } from './sources/ask.ts';
import { SOURCES } from './sources/index.ts';
import type { Reading, Source } from './sources/source.ts';
import type { Upstream } from './sources/upstream.ts';

/** What a term is made of. */
export interface TermDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly broker: Broker;
  readonly lease: Lease;
  readonly upstream: Upstream;
  readonly log: Log;
}

/** A term under way. */
export interface Term {
  /** Ends the term: nothing is called and nothing is published any more. */
  stop(): void;
}

/** The leader's sign of life to the other nodes. */
const HEARTBEAT_INTERVAL_MS = 5000;
/** While nothing at all was ever read, a failed round is followed by another after this; doubled each time. */
const FIRST_RETRY_MS = 15_000;

/** Seconds after which a figure that comes by polling is stale, by freshness key, and for a coin. */
export const staleTable = (fetchIntervalS: number): StaleTable => ({
  market: polledStaleAfterS(fetchIntervalS, UPSTREAM_CACHE_S.coingeckoGlobal),
  fng: STALE_AFTER_S.fng,
  rsi_14: polledStaleAfterS(fetchIntervalS),
  rsi_14_taapi: polledStaleAfterS(fetchIntervalS),
  coin: polledStaleAfterS(fetchIntervalS, UPSTREAM_CACHE_S.coingeckoPrice),
});

/**
 * Begins a term.
 * @param epoch the term's epoch
 * @param inherited the newest document known
 */
export function startTerm(deps: TermDeps, epoch: number, inherited: DashboardDocument): Term {
  const { config, clock, broker, lease, log } = deps;
  const publisher = createPublisher(
    {
      clock,
      save: (version) => broker.publish(version),
      onNotLeader: () => lease.renewTerm(),
      log,
    },
    epoch,
  );
  const { tasks, off } = bindSources(deps);
  const feed = createFeed(
    { clock, emit: (document, whole) => publisher.offer(document, whole) },
    {
      inherited: withSources(inherited, [...tasks.map(({ upstream }) => upstream), ...off]),
      coins: config.coins,
      staleAfterS: staleTable(config.fetchIntervalS),
      flushIntervalMs: config.flushIntervalMs,
      simulated: config.simulated,
    },
  );
  feed.report(new Map(off.map((id) => [id, OFF])));
  feed.start();
  const rounds = startRounds(deps, { feed, publisher, tasks });
  const leave = broker.subscribe((event) => {
    if (event.type === 'refresh_wanted' && lease.isHeld()) void rounds.refresh();
  });
  const stopHeartbeat = startHeartbeat(deps);
  return {
    stop() {
      leave();
      stopHeartbeat();
      rounds.close();
      feed.close();
      publisher.close();
    },
  };
}

const OFF: SourceWord = {
  state: 'off',
  lastSuccessAtMs: null,
  nextAttemptAtMs: null,
  error: null,
};

/** The routes that are asked, and the sources that are not: switched off, or without the key they need. */
function bindSources({ config, upstream, log }: TermDeps) {
  const tasks: BoundRoute[] = [];
  const off: SourceId[] = [];
  for (const source of SOURCES) {
    const bound = bindOne(source, config, upstream, log);
    if (bound === null) off.push(source.id);
    else tasks.push(...bound);
  }
  return { tasks, off };
}

function bindOne(source: Source, config: Config, upstream: Upstream, log: Log) {
  const { baseUrl, key } = config.sources[source.id];
  if (baseUrl === null || (source.needsKey && key === null)) return null;
  const plan = source.id === 'coingecko' ? config.coingeckoPlan : null;
  const options = { key, plan };
  return bindSource(source, {
    upstream,
    baseUrl,
    options,
    pollIntervalS: config.fetchIntervalS,
    log,
  });
}

/** An inherited document says nothing of sources that this node does not know. */
const withSources = (document: DashboardDocument, known: readonly SourceId[]) => ({
  ...document,
  sources: Object.fromEntries(
    Object.entries(document.sources).filter(([id]) => known.some((other) => other === id)),
  ),
});

interface RoundParts {
  readonly feed: Feed;
  readonly publisher: Publisher;
  readonly tasks: readonly BoundRoute[];
}

function startRounds(deps: TermDeps, { feed, publisher, tasks }: RoundParts): Schedule {
  const { config, clock, broker, lease, log } = deps;
  const keepTrying = createKeepTrying(deps);
  const ended = async (result: RoundResult) => {
    const effect = feed.roundEnded();
    const outcome: RoundOutcome = result === 'failed' ? 'failed' : effect;
    const position = await publisher.settled();
    keepTrying.roundEnded(result, schedule);
    await broker.endRound(position, outcome);
  };
  const schedule = createRoundSchedule<Reading>(
    {
      clock,
      tasks,
      mayCall: () => lease.isHeld(),
      log,
      listener: {
        started() {
          feed.roundStarted();
          broker.roundStarted().catch((err) => log.warn({ err }, 'a round was not announced'));
        },
        readings: (readings) => feed.accept(readings),
        reports: (reports) => feed.report(reports),
        ended: (result) => {
          ended(result).catch((err) => log.warn({ err }, 'the end of a round was not announced'));
        },
      },
    },
    { intervalMs: config.fetchIntervalS * 1000 },
  );
  schedule.start();
  return {
    ...schedule,
    close() {
      keepTrying.close();
      schedule.close();
    },
  };
}

/** Says in one sentence that no upstream answers, and while there is nothing to show tries sooner than planned. */
function createKeepTrying({ config, clock, broker, log }: TermDeps) {
  let timer: Timer | null = null;
  let failures = 0;
  return {
    roundEnded(result: RoundResult, schedule: Schedule) {
      timer?.cancel();
      if (result === 'answered') {
        if (failures > 0) log.info('The upstreams answer again.');
        failures = 0;
        return;
      }
      const nothingYet = isEmpty(broker.held().document);
      const intervalMs = config.fetchIntervalS * 1000;
      const waitMs = Math.min(nothingYet ? FIRST_RETRY_MS * 2 ** failures : intervalMs, intervalMs);
      failures += 1;
      if (failures === 1) {
        log.warn(
          `No upstream answers; the server keeps trying, next in ${Math.round(waitMs / 1000)} s. ` +
            'Without internet, "npm run demo" shows the page with simulated data.',
        );
      }
      if (waitMs < intervalMs) timer = clock.after(waitMs, () => void schedule.refresh());
    },
    close: () => timer?.cancel(),
  };
}

function startHeartbeat({ clock, broker, lease, log }: TermDeps): () => void {
  let timer: Timer;
  const beat = () => {
    timer = clock.after(HEARTBEAT_INTERVAL_MS, beat);
    if (!lease.isHeld()) return;
    const { epoch, seq } = broker.held();
    broker.heartbeat({ epoch, seq }).catch((err) => log.warn({ err }, 'a heartbeat was not sent'));
  };
  timer = clock.after(HEARTBEAT_INTERVAL_MS, beat);
  return () => timer.cancel();
}
