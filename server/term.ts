/** One term of leadership, composed: schedule → sources → feed → publisher → broker. */

import {
  type Clock,
  type DashboardDocument,
  polledStaleAfterS,
  type SourceId,
  STALE_AFTER_S,
  type Timer,
  UPSTREAM_CACHE_S,
} from '../contract/index.ts';
import type { Broker, NewVersion, PublishAnswer } from './broker/broker.ts';
import type { Config } from './config.ts';
import type { StaleTable } from './feed/choice.ts';
import { createFeed } from './feed/feed.ts';
import { createPublisher } from './feed/publisher.ts';
import type { Lease } from './leader/lease.ts';
import type { Log } from './log.ts';
import { startRounds } from './rounds.ts';
import type { Ledger } from './schedule/ledger.ts';
import { type BoundRoute, bindSource } from './sources/ask.ts';
import { SOURCES } from './sources/index.ts';
import type { Source } from './sources/source.ts';
import type { Upstream } from './sources/upstream.ts';

/** What a term is made of. */
export interface TermDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly broker: Broker;
  readonly lease: Lease;
  readonly upstream: Upstream;
  /** One for all terms. */
  readonly ledger: Ledger;
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
  const { config, clock, broker, lease, log } = deps;
  const fetchIntervalS = config.fetchIntervalS * nodes;
  const publisher = createPublisher(
    {
      clock,
      save: (version) => save(deps, version),
      onNotLeader: () => lease.renewTerm(),
      log,
    },
    epoch,
  );
  const { tasks, off } = bindSources(deps, fetchIntervalS);
  const feed = createFeed(
    { clock, emit: (document, whole) => publisher.offer(document, whole) },
    {
      inherited: withSources(inherited, [...tasks.map(({ upstream }) => upstream), ...off]),
      off,
      coins: config.coins,
      staleAfterS: staleTable(fetchIntervalS),
      flushIntervalMs: config.flushIntervalMs,
      simulated: config.simulated,
    },
  );
  feed.start();
  const rounds = startRounds(deps, { feed, publisher, tasks, nodes });
  const leave = broker.subscribe((event) => {
    if (!lease.isHeld()) return;
    if (event.type === 'refresh_wanted') void rounds.refresh();
    if (event.type === 'save_wanted') publisher.repeat();
    if (event.type !== 'version') return;
    const { version } = event;
    // Every node holds it, and would leave out what this one saves until its own seq is above: in a later term all is.
    if (version.epoch === epoch && version.seq > publisher.lastSeq()) {
      log.warn({ epoch, seq: version.seq }, 'a version of this term came from elsewhere');
      lease.renewTerm();
    }
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
function bindSources({ config, upstream, log }: TermDeps, pollIntervalS: number) {
  const tasks: BoundRoute[] = [];
  const off: SourceId[] = [];
  for (const source of SOURCES) {
    const bound = bindOne(source, config, { upstream, log, pollIntervalS });
    if (bound === null) off.push(source.id);
    else tasks.push(...bound);
  }
  return { tasks, off };
}

function bindOne(
  source: Source,
  config: Config,
  asking: { readonly upstream: Upstream; readonly log: Log; readonly pollIntervalS: number },
) {
  const { baseUrl, key } = config.sources[source.id];
  if (baseUrl === null || (source.needsKey && key === null)) return null;
  const plan = source.id === 'coingecko' ? config.coingeckoPlan : null;
  return bindSource(source, {
    ...asking,
    pollIntervalS: () => asking.pollIntervalS,
    baseUrl,
    options: { key, plan, coins: config.coins },
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
