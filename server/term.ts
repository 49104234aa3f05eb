/** One term of leadership, composed: schedule → sources → feed → publisher → broker. */

import {
  type Clock,
  type DashboardDocument,
  polledStaleAfterS,
  type SourceId,
  STALE_AFTER_S,
  type Timer,
  UPSTREAM_CACHE_S,
  US_ETF_SYMBOLS,
} from '../contract/index.ts';
import type { Broker, NewVersion, PublishAnswer } from './broker/broker.ts';
import type { Config } from './config.ts';
import type { StaleTable } from './feed/choice.ts';
import { createFeed, type FeedDeps, type FeedOptions } from './feed/feed.ts';
import { createPublisher, type Publisher } from './feed/publisher.ts';
import type { Filler } from './history/filler.ts';
import type { PastDesk } from './history/past.ts';
import type { Lease } from './leader/lease.ts';
import type { Log } from './log.ts';
import { type Rounds, startRounds } from './rounds.ts';
import type { Ledger } from './schedule/ledger.ts';
import { createSourceLog } from './source-log.ts';
import type { Connect } from './sources/stream.ts';
import type { StreamMemory } from './sources/stream-memory.ts';
import type { Upstream } from './sources/upstream.ts';
import { createStandIns, type StandIns } from './stand-ins.ts';
import { startStreams, streamedSources } from './streams.ts';
import { createTasks, type Tasks } from './tasks.ts';
import { createWords } from './words.ts';

/** What a term is made of. */
export interface TermDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly broker: Broker;
  readonly lease: Lease;
  readonly upstream: Upstream;
  readonly connect: Connect;
  /** Says to exchanges who connects. */
  readonly userAgent: string;
  /** One for all terms. */
  readonly ledger: Ledger;
  /** One for all terms. */
  readonly streamMemory: StreamMemory;
  /** Fills in the past that the desk is told of. */
  readonly fill: (desk: PastDesk) => Filler;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
}

/** A term under way. */
export interface Term {
  /** Ends the term: nothing is called and nothing is published any more. */
  stop(): void;
}

/** The leader's sign of life to the other nodes. */
const HEARTBEAT_INTERVAL_MS = 5000;

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
 * @param nodes as many as ask the upstreams for themselves now: the interval between rounds is as many times longer, so
 *   that together they ask no more than one would
 */
export function startTerm(
  deps: TermDeps,
  epoch: number,
  inherited: DashboardDocument,
  nodes = 1,
): Term {
  const { config, clock, lease, log } = deps;
  const fetchIntervalS = config.fetchIntervalS * nodes;
  const onNotLeader = () => lease.renewTerm();
  const publisher = createPublisher(
    { clock, log, onNotLeader, save: (version) => save(deps, version) },
    epoch,
  );
  let rounds: Rounds | null = null;
  let standIns: StandIns | null = null;
  const sourceLog = createSourceLog(log);
  const tasks = createTasks({
    ...deps,
    nodes,
    feed: () => feed,
    isSetAside: (id) => deps.broker.held().document.sources[id]?.state === 'set_aside',
    intervalS: (upstream) => rounds?.intervalS(upstream) ?? fetchIntervalS,
    ask: async (wanted) => rounds?.ask(wanted) ?? 'failed',
    freeInMs: (task) => rounds?.freeInMs(task) ?? Number.POSITIVE_INFINITY,
  });
  const streamed = streamedSources(config);
  const emit: FeedDeps['emit'] = (document, whole) => {
    publisher.offer(document, whole);
    sourceLog.shown(document);
    standIns?.versionShown(document);
  };
  const feed = createFeed(
    { clock, emit },
    feedOptions(config, fetchIntervalS, inherited, tasks, streamed),
  );
  feed.start();
  const words = createWords(feed);
  rounds = startRounds(deps, {
    ...{ feed, publisher, words, nodes, tasks: tasks.all },
    isStreaming: () => streams.areAlive(),
  });
  const hasStreams = streamed.length > 0;
  standIns = createStandIns({ clock, feed, rounds, tasks: tasks.all, hasStreams });
  const streams = startStreams({ ...deps, mayConnect: () => lease.isHeld() }, feed, {
    ...standIns,
    changed: words.streamed,
  });
  const filler = deps.fill(tasks.past);
  const leave = followNodes(deps, epoch, publisher, rounds);
  const stopHeartbeat = startHeartbeat(deps);
  return {
    stop() {
      leave();
      stopHeartbeat();
      filler.close();
      standIns?.close();
      streams.close();
      tasks.close();
      rounds?.close();
      feed.close();
      publisher.close();
    },
  };
}

function feedOptions(
  { coins, flushIntervalMs, simulated }: Config,
  fetchIntervalS: number,
  inherited: DashboardDocument,
  { all, unasked }: Pick<Tasks, 'all' | 'unasked'>,
  streamed: readonly SourceId[],
): FeedOptions {
  const off = unasked.filter((id) => !streamed.includes(id));
  const asked = all.map(({ upstream }) => upstream);
  return {
    inherited: withSources(inherited, [...asked, ...streamed, ...off]),
    etfs: asked.includes('finnhub') ? US_ETF_SYMBOLS : null,
    staleAfterS: staleTable(fetchIntervalS),
    ...{ off, coins, flushIntervalMs, simulated },
  };
}

/** Does what other nodes ask the leader for. */
function followNodes(
  { broker, lease, log }: TermDeps,
  epoch: number,
  publisher: Pick<Publisher, 'repeat' | 'lastSeq'>,
  rounds: Pick<Rounds, 'refresh'>,
): () => void {
  return broker.subscribe((event) => {
    if (!lease.isHeld()) return;
    if (event.type === 'refresh_wanted') rounds.refresh();
    if (event.type === 'save_wanted') publisher.repeat();
    if (event.type !== 'version') return;
    const { version } = event;
    // Every node holds it, and would leave out what this one saves until its own seq is above: in a later term all is.
    if (version.epoch === epoch && version.seq > publisher.lastSeq()) {
      log.warn({ epoch, seq: version.seq }, 'a version of this term came from elsewhere');
      lease.renewTerm();
    }
  });
}

/**
 * A save that is waited for is no late ghost: what is in its way was written by somebody else, and only a later term
 * gets past it.
 */
async function save({ lease, broker }: TermDeps, version: NewVersion): Promise<PublishAnswer> {
  if (!lease.isHeld()) return 'not_leader';
  const answer = await broker.publish(version);
  return answer === 'behind' ? 'not_leader' : answer;
}

/** An inherited document says nothing of sources that this node does not know. */
const withSources = (document: DashboardDocument, known: readonly SourceId[]) => ({
  ...document,
  sources: Object.fromEntries(
    Object.entries(document.sources).filter(([id]) => known.some((other) => other === id)),
  ),
});

/** Said at once too: a leader that is cut off soon after would not know how many nodes there are. */
function startHeartbeat({ clock, broker, lease, log }: TermDeps): () => void {
  let timer: Timer;
  const beat = () => {
    timer = clock.after(HEARTBEAT_INTERVAL_MS, beat);
    if (!lease.isHeld()) return;
    const { epoch, seq } = broker.held();
    broker.heartbeat({ epoch, seq }).catch((err) => log.debug({ err }, 'a heartbeat was not sent'));
  };
  beat();
  return () => timer.cancel();
}
