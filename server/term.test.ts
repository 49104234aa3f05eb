import { describe, expect, test } from 'bun:test';
import { type DashboardDocument, emptyDocument } from '../contract/index.ts';
import { createManualClock } from '../contract/manual-clock.ts';
import type { Version } from './broker/broker.ts';
import { createConditions } from './broker/conditions.ts';
import { createMemoryBroker } from './broker/memory-broker.ts';
import { type Environment, readConfig } from './config.ts';
import { createSoloLease } from './leader/solo-lease.ts';
import { createLog } from './log.ts';
import { createMemoryLedger } from './schedule/memory-ledger.ts';
import { type Upstream, UpstreamError } from './sources/upstream.ts';
import { staleTable, startTerm } from './term.ts';

const GLOBAL = { data: { total_market_cap: { usd: 2.5e12 }, total_volume: { usd: 9e10 } } };

/** A term over real parts; only the upstreams are the test's. */
function setUp(env: Environment = {}, inherited?: (empty: DashboardDocument) => DashboardDocument) {
  const config = readConfig(env);
  const clock = createManualClock();
  const { log } = createLog('silent', false);
  const empty = emptyDocument(config.coins, staleTable(config.fetchIntervalS), config.simulated);
  const broker = createMemoryBroker(
    { clock, log, conditions: createConditions() },
    { empty, refreshMinIntervalMs: 15_000 },
  );
  const lease = createSoloLease({ clock, random: () => 0, highestEpoch: () => 0 });
  const calls: { path: string; atMs: number }[] = [];
  const answers = new Map<string, unknown>();
  const upstream: Upstream = {
    async get(source, _baseUrl, { path }) {
      calls.push({ path, atMs: clock.monotonic() });
      const body = answers.get(path);
      if (body === undefined) throw new UpstreamError(source, 'unavailable');
      return { body, receivedAtMs: clock.now(), ageS: 0 };
    },
  };
  const versions: Version[] = [];
  broker.subscribe((event) => event.type === 'version' && versions.push(event.version));
  lease.start();
  const ledger = createMemoryLedger(clock);
  const deps = { config, clock, broker, lease, ledger, upstream, log, random: () => 0.5 };
  const term = startTerm(deps, 7, inherited?.(empty) ?? empty);
  const callsOf = (path: string) => calls.filter((call) => call.path === path);
  return { clock, broker, lease, answers, versions, callsOf, calls, term };
}

describe('a term', () => {
  test('begins with one version, seq 1 and whole, also from a document of other coins and keys', async () => {
    const { versions, clock } = setUp({ COINS: 'BTC', TAAPI_SECRET: '' }, (empty) => ({
      ...emptyDocument(['BTC', 'ETH', 'XMR'], staleTable(300), false),
      ...{ key_of_a_newer_version: 1 },
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
    }));
    expect(versions.map(({ seq, whole }) => [seq, whole])).toEqual([[1, true]]);
    expect(Object.keys(versions[0]?.document.coins ?? {})).toEqual(['BTC']);
    expect(versions[0]?.document.market_cap).toBe(2e12);
    expect(versions[0]?.document.sources.taapi?.state).toBe('off');
    await clock.advanceAsync(1000);
    expect(versions[0]?.document).not.toHaveProperty('key_of_a_newer_version');
  });

  test('while nothing was ever read tries again after 15, 30 and 60 s, and says when', async () => {
    const { clock, broker, callsOf } = setUp();
    await clock.advanceAsync(0);
    const next = () => broker.held().document.sources.coingecko?.next_attempt_at;
    expect(next()).toBe('2026-11-23T07:00:15Z');
    await clock.advanceAsync(200_000);
    expect(callsOf('/api/v3/global').map(({ atMs }) => atMs)).toEqual([0, 15_000, 45_000, 105_000]);
    expect(next()).toBe('2026-11-23T07:03:45Z');
  });

  test('has as many early tries however often a refresh is asked for meanwhile', async () => {
    const { clock, broker, callsOf } = setUp();
    for (let press = 0; press < 5; press++) {
      await clock.advanceAsync(1000);
      await broker.wantRefresh();
    }
    await clock.advanceAsync(100_000);
    const times = callsOf('/api/v3/global').map(({ atMs }) => atMs);
    expect(times).toEqual([0, 1000, 2000, 3000, 4000, 5000, 15_000, 45_000, 105_000]);
  });

  test('keeps its interval once a figure is known, failing or not', async () => {
    const { clock, broker, answers, callsOf } = setUp();
    await clock.advanceAsync(0);
    answers.set('/api/v3/global', GLOBAL);
    await clock.advanceAsync(15_000);
    expect(broker.held().document.market_cap).toBe(2.5e12);
    answers.clear();
    await clock.advanceAsync(900_000);
    expect(callsOf('/api/v3/global').map(({ atMs }) => atMs)).toEqual([
      0, 15_000, 315_000, 615_000, 915_000,
    ]);
  });

  test('makes one round of a refresh, and tells its end with the position of its document', async () => {
    const { clock, broker, answers, calls } = setUp();
    await clock.advanceAsync(0);
    answers.set('/api/v3/global', GLOBAL);
    const before = calls.length;
    const ended: unknown[] = [];
    broker.subscribe((event) => event.type === 'round_ended' && ended.push(event));
    await broker.wantRefresh();
    await clock.advanceAsync(0);
    expect(calls.length - before).toBe(4);
    const { epoch, seq, document } = broker.held();
    expect(document.market_cap).toBe(2.5e12);
    expect(ended).toEqual([{ type: 'round_ended', position: { epoch, seq }, outcome: 'changed' }]);
  });

  test('neither calls nor saves without the lease', async () => {
    const { clock, lease, answers, versions, calls } = setUp();
    await clock.advanceAsync(0);
    await lease.close();
    answers.set('/api/v3/global', GLOBAL);
    const before = [calls.length, versions.length];
    await clock.advanceAsync(1_000_000);
    expect([calls.length, versions.length]).toEqual(before);
  });

  test('is over when it is stopped', async () => {
    const { clock, term, calls, versions } = setUp();
    term.stop();
    const before = [calls.length, versions.length];
    await clock.advanceAsync(1_000_000);
    expect([calls.length, versions.length]).toEqual(before);
    expect(clock.pending()).toBe(0);
  });
});
