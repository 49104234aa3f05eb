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
import type { StaleTable } from './feed/choice.ts';
import { createFeed, type Feed } from './feed/feed.ts';
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
      save: async (version) => (lease.isHeld() ? broker.publish(version) : 'not_leader'),
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
      off,
      coins: config.coins,
      staleAfterS: staleTable(config.fetchIntervalS),
      flushIntervalMs: config.flushIntervalMs,
      simulated: config.simulated,
    },
  );
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
  const outage = createOutageNews(log);
  const ended = async (result: RoundResult) => {
    outage.roundEnded(result);
    const effect = feed.roundEnded();
    const outcome: RoundOutcome = result === 'failed' ? 'failed' : effect;
    const position = await publisher.settled();
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
    {
      intervalMs: config.fetchIntervalS * 1000,
      retryEarlyMs: (failures) =>
        isEmpty(broker.held().document) ? FIRST_RETRY_MS * 2 ** (failures - 1) : null,
    },
  );
  schedule.start();
  return schedule;
}

/** Says in one sentence that no upstream answers, and in another that they do again: each once. */
function createOutageNews(log: Log) {
  let isOut = false;
  return {
    roundEnded(result: RoundResult) {
      const wasOut = isOut;
      isOut = result === 'failed';
      if (isOut && !wasOut) {
        log.warn(
          'No upstream answers; the server keeps trying. ' +
            'Without internet, "npm run demo" shows the page with simulated data.',
        );
      } else if (wasOut && !isOut) {
        log.info('The upstreams answer again.');
      }
    },
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
