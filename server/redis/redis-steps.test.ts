import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import type { RunningRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import type { RedisSteps } from './steps.ts';
import { connectTestNode, listenTestNode, startPair, TEST_KEYS } from './test-redis.ts';

const { lease, refresh } = TEST_KEYS;
const TTL_S = 3600;

let redis: RunningRedis;
let a: RedisSteps;
let b: RedisSteps;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ redis, a, b, stop } = await startPair(TTL_S));
});
afterAll(() => stop());
beforeEach(async () => {
  await redis.command('FLUSHALL');
});

describe('the interval between refreshes', () => {
  test('is granted to one, and tells the others how long it still runs', async () => {
    const claims = await Promise.all([a, b, a, b].map((steps) => steps.claimRefresh(5000)));
    expect(claims.filter((ms) => ms === 0)).toHaveLength(1);
    for (const ms of claims.filter((rest) => rest !== 0)) expect(ms).toBeWithin(4000, 5001);
  });

  test('counts anew from every round, and from a key without an end at once', async () => {
    await a.claimRefresh(1000);
    await a.startRefreshInterval(60_000);
    expect(await b.claimRefresh(1000)).toBeWithin(59_000, 60_001);
    await redis.command('PERSIST', refresh);
    expect(await b.claimRefresh(1000)).toBe(0);
    await redis.command('DEL', refresh);
    await redis.command('LPUSH', refresh, 'x');
    expect(await b.claimRefresh(1000)).toBe(0);
  });
});

test('countNodes counts who is subscribed', async () => {
  expect(await a.countNodes()).toBe(0);
  const listeners = [listenTestNode(redis.url), listenTestNode(redis.url)];
  await until(
    () => a.countNodes(),
    (count) => count === 2,
  );
  await listeners[0]?.channel.close();
  await until(
    () => a.countNodes(),
    (count) => count === 1,
  );
  await listeners[1]?.channel.close();
  expect(
    await until(
      () => a.countNodes(),
      (count) => count === 0,
    ),
  ).toBe(0);
});

test('a step that fails tells Redis’ own words and nothing of what was to be stored', async () => {
  const { link, steps, log } = connectTestNode(redis.url, 'token-c');
  await until(() => steps.read().catch(() => null), Boolean);
  const failing = link.run((client) => client.lpush(TEST_KEYS.lease, 'secret document'));
  await redis.command('SET', lease, 'x');
  await failing.catch(() => null);
  const error = await link
    .run((client) => client.lpush(TEST_KEYS.lease, 'secret document'))
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toContain('WRONGTYPE');
  expect(Bun.inspect(error)).not.toContain('secret document');
  expect(log.lines.join()).not.toContain('secret document');
  link.close();
});
