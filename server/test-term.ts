/** For tests: one term over real parts, on a clock, an upstream, a lease and a broker that the test moves. */

import { type DashboardDocument, emptyDocument } from '../contract/index.ts';
import { createManualClock } from '../contract/manual-clock.ts';
import type { Broker, BrokerEvent, PublishAnswer, RoundOutcome, Version } from './broker/broker.ts';
import { createConditions } from './broker/conditions.ts';
import { createMemoryBroker } from './broker/memory-broker.ts';
import { type Environment, readConfig } from './config.ts';
import type { Lease } from './leader/lease.ts';
import { createLog } from './log.ts';
import { createMemoryLedger } from './schedule/memory-ledger.ts';
import type { Connect } from './sources/stream.ts';
import { createStreamMemory } from './sources/stream-memory.ts';
import { type Upstream, UpstreamError } from './sources/upstream.ts';
import { streamPauses } from './streams.ts';
import { staleTable, startTerm } from './term.ts';

/** Body of an answer that brings the market's figures. */
export const GLOBAL = { data: { total_market_cap: { usd: 2.5e12 }, total_volume: { usd: 9e10 } } };
/** The route that answers with it. */
export const MARKET_ROUTE = '/api/v3/global';

/** What a term is set up with. */
export interface TermOptions {
  readonly env?: Environment;
  /** What it inherits and, unless it is empty, the broker holds. */
  readonly inherited?: (empty: DashboardDocument) => DashboardDocument;
  readonly nodes?: number;
  /** In [0, 1). */
  readonly random?: number;
}

/** Without streams and stand-ins: the rounds are what is tested. */
export const POLLED_ONLY: Environment = {
  BINANCE_WS_URL: 'off',
  COINBASE_BASE_URL: 'off',
  COINBASE_WS_URL: 'off',
  KRAKEN_BASE_URL: 'off',
  KRAKEN_WS_URL: 'off',
  COINPAPRIKA_BASE_URL: 'off',
  COINLORE_BASE_URL: 'off',
  // Rounds of a second are more than CoinGecko allows without a key.
  COINGECKO_API_KEY: 'k',
  COINGECKO_PLAN: 'pro',
};

/** A way to exchanges on which nothing ever comes. */
export const noSocket: Connect = () => ({ send() {}, terminate() {} });

/** Begins a term with epoch 7; `begin` begins the next one on what is held by then. */
export function setUpTerm({ env = {}, inherited, nodes = 1, random = 0.5 }: TermOptions = {}) {
  const config = readConfig({ ...POLLED_ONLY, ...env });
  const clock = createManualClock();
  const { log } = createLog('silent', false);
  const empty = emptyDocument(config.coins, staleTable(config.fetchIntervalS), config.simulated);
  const conditions = createConditions();
  const memory = createMemoryBroker(
    { clock, log, conditions },
    { empty, refreshMinIntervalMs: 15_000 },
  );
  if (inherited !== undefined) {
    const document = inherited(empty);
    void memory.publish({ epoch: 6, seq: 1, patch: null, document, whole: true });
  }
  const versions: Version[] = [];
  memory.subscribe((event) => event.type === 'version' && versions.push(event.version));
  const { broker, hear, said, redis } = surround(memory);
  const { lease, told } = createTestLease();
  const { upstream, calls, answers, always } = createTestUpstream(clock);
  const ledger = createMemoryLedger(clock);
  const streamMemory = createStreamMemory({
    ...{ clock, log, random: () => random },
    pauses: streamPauses(ledger),
  });
  const deps = {
    ...{ config, clock, broker, lease, ledger, upstream, log, random: () => random },
    ...{ connect: noSocket, streamMemory, userAgent: 'test' },
    // What is asked for the past has tests of its own.
    fill: () => ({ isFilling: () => false, close() {} }),
  };
  let epoch = 6;
  const begin = () => startTerm(deps, ++epoch, memory.held().document, nodes);
  const callsOf = (path: string) => calls.filter((call) => call.path === path);
  const term = begin();
  return {
    ...{
      clock,
      log,
      broker,
      memory,
      hear,
      said,
      redis,
      lease,
      told,
      ledger,
      versions,
      term,
      begin,
    },
    ...{ calls, callsOf, answers, always },
  };
}

interface RedisBetween {
  /** As heartbeats count them. */
  nodes: number;
  /** Instead of the broker's own answer. */
  answerSave: (() => Promise<PublishAnswer>) | null;
  /** What the word of a round's end waits for. */
  answerEnd: Promise<void>;
}

/** The broker, with what the term says to it written down, and with a Redis in between that may be silent. */
function surround(memory: Broker) {
  const listeners = new Set<(event: BrokerEvent) => void>();
  const ended: RoundOutcome[] = [];
  const said = { heartbeats: 0, roundsStarted: 0, saves: 0, ended };
  const redis: RedisBetween = { nodes: 1, answerSave: null, answerEnd: Promise.resolve() };
  const hear = (event: BrokerEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  const broker: Broker = {
    ...memory,
    subscribe(listener) {
      listeners.add(listener);
      const leave = memory.subscribe(listener);
      return () => {
        listeners.delete(listener);
        leave();
      };
    },
    publish(version) {
      said.saves += 1;
      return redis.answerSave?.() ?? memory.publish(version);
    },
    async heartbeat(position) {
      said.heartbeats += 1;
      hear({ type: 'heartbeat', position, nodes: redis.nodes });
    },
    async roundStarted() {
      said.roundsStarted += 1;
    },
    async endRound(position, outcome) {
      said.ended.push(outcome);
      await redis.answerEnd;
      await memory.endRound(position, outcome);
    },
  };
  return { broker, hear, said, redis };
}

/** A lease that is held until the test takes it away, and writes down what it is told. */
function createTestLease() {
  const standBackMs: number[] = [];
  const told = { isHeld: true, termsRenewed: 0, standBackMs };
  const lease: Lease = {
    isHeld: () => told.isHeld,
    start() {},
    subscribe: () => () => {},
    renewTerm: () => void told.termsRenewed++,
    standBack: (forMs) => void told.standBackMs.push(forMs),
    async close() {},
  };
  return { lease, told };
}

/** Upstreams that fail, but for routes that the test gives an answer. */
function createTestUpstream(clock: ReturnType<typeof createManualClock>) {
  const calls: { path: string; atMs: number }[] = [];
  const answers = new Map<string, unknown>();
  const all: { before: (() => Promise<void>) | null } = { before: null };
  const upstream: Upstream = {
    async get(source, _baseUrl, { path }) {
      calls.push({ path, atMs: clock.monotonic() });
      await all.before?.();
      const body = answers.get(path);
      if (body instanceof UpstreamError) throw body;
      if (body === undefined) throw new UpstreamError(source, 'unavailable');
      return { body, receivedAtMs: clock.now(), ageS: 0 };
    },
  };
  return {
    upstream,
    calls,
    answers,
    /** What every call waits for before it is answered. */
    always: (before: () => Promise<void>) => {
      all.before = before;
    },
  };
}

/** A document with the market's figures in it. */
export const known = (empty: DashboardDocument): DashboardDocument => ({
  ...empty,
  market_cap: 2e12,
  freshness: {
    ...empty.freshness,
    market: {
      source: 'coingecko',
      as_of: '2026-11-23T06:59:00Z',
      state: 'live',
      stale_after_s: 1800,
    },
  },
});
