import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { DashboardDocument } from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import type { RunningNode } from '../start-node.ts';
import { ROUND_ROUTE, type RunningNodes, startNodes } from '../start-nodes.ts';
import { type RunningRedis, startRedis } from '../start-redis.ts';
import { until } from '../until.ts';

const COINGECKO = [ROUND_ROUTE, '/api/v3/simple/price'];
const RETRY_AFTER_S = 6;

let redis: RunningRedis;
let simulator: RunningSimulator;
let group: RunningNodes | null = null;

beforeEach(async () => {
  [redis, simulator] = await Promise.all([startRedis(), startSimulator({ seed: 3 })]);
});
afterEach(async () => {
  await group?.end();
  group = null;
  await Promise.all([redis.stop(), simulator.stop()]);
});

const start = async (environment: Readonly<Record<string, string>>) => {
  group = await startNodes({ count: 2, simulator, redis, environment });
  return group;
};
const documentOf = async (node: RunningNode): Promise<DashboardDocument> =>
  JSON.parse((await node.view()).bytes);
/** When the upstream's routes were asked, ms since 1970. */
const timesOf = async (...paths: string[]) => {
  const { requests } = await simulator.requests();
  return requests.filter(({ path }) => paths.includes(path)).map(({ at }) => Date.parse(at));
};

describe('a node that takes over', () => {
  test('leaves alone an upstream that has told the last leader to wait', async () => {
    const { newLeader, inStep } = await start({ FETCH_INTERVAL_SECONDS: '1' });
    await inStep();
    const first = await newLeader();
    const headers = { 'retry-after': String(RETRY_AFTER_S) };
    await simulator.setFaults({
      [ROUND_ROUTE]: { status: 429, headers, body: 'Throttled', times: 1 },
    });
    await until(
      () => documentOf(first),
      ({ sources }) => sources.coingecko?.state === 'rate_limited',
    );
    const toldAtMs = Math.max(...(await timesOf(...COINGECKO)));
    await simulator.clearRequests();
    await first.server.stop();
    const second = await newLeader(undefined, first);

    const isAsked = await until(
      () => timesOf('/api/v3/klines'),
      (times) => times.length > 1,
    );
    expect(Math.min(...isAsked) - toldAtMs).toBeLessThan(RETRY_AFTER_S * 1000);
    const { sources } = await documentOf(second);
    expect(sources.coingecko?.state).toBe('rate_limited');
    expect(Date.parse(sources.coingecko?.next_attempt_at ?? '')).toBeGreaterThanOrEqual(
      toldAtMs + RETRY_AFTER_S * 1000 - 1000,
    );

    const asked = await until(
      () => timesOf(...COINGECKO),
      (times) => times.length > 0,
    );
    const waitedMs = Math.min(...asked) - toldAtMs;
    expect(waitedMs).toBeGreaterThanOrEqual(RETRY_AFTER_S * 1000);
    expect(waitedMs).toBeLessThan(RETRY_AFTER_S * 1000 + 4000);
  });

  test('leaves alone an upstream that allows one call at a time and was asked by a leader now dead', async () => {
    await simulator.setFaults({ '/rsi': { delayMs: 60_000 } });
    const { newLeader, keys } = await start({
      TAAPI_SECRET: 'any-secret',
      LEASE_TTL_MS: '2000',
      UPSTREAM_TIMEOUT_MS: '60000',
    });
    const first = await newLeader();
    await until(
      () => timesOf('/rsi'),
      (times) => times.length > 0,
    );
    await first.kill();
    const asked = await timesOf('/fng/');
    await newLeader(undefined, first);
    await until(
      () => timesOf('/fng/'),
      (times) => times.length > asked.length,
    );
    expect(await timesOf('/rsi')).toHaveLength(1);
    const budget = keys.lease.replace(/lease$/, 'budget:taapi');
    const remainingMs = Number(await redis.command('PTTL', budget));
    expect(remainingMs).toBeGreaterThan(0);
    expect(remainingMs).toBeLessThanOrEqual(15_000);
  });
});
