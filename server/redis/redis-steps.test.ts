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
    const claims = await Promise.all(
      [a, b, a, b].map((steps, index) => steps.claimRefresh(5000, `claim ${index}`)),
    );
    expect(claims.filter((ms) => ms === 0)).toHaveLength(1);
    for (const ms of claims.filter((rest) => rest !== 0)) expect(ms).toBeWithin(4000, 5001);
  });

  test('is granted again to the claim that began it, whose answer may have been lost', async () => {
    await a.claimRefresh(60_000, 'lost');
    await redis.command('PEXPIRE', refresh, '30000');
    expect(await b.claimRefresh(60_000, 'another')).toBeWithin(29_000, 30_001);
    expect(await a.claimRefresh(60_000, 'lost')).toBe(0);
    // It counts from the first time.
    expect(Number(await redis.command('PTTL', refresh))).toBeLessThanOrEqual(30_000);
    // A round has begun since.
    await b.startRefreshInterval(60_000);
    expect(await a.claimRefresh(60_000, 'lost')).toBeWithin(59_000, 60_001);
  });

  test('counts anew from every round, and from a key without an end at once', async () => {
    await a.claimRefresh(1000, 'first');
    await a.startRefreshInterval(60_000);
    expect(await b.claimRefresh(1000, 'second')).toBeWithin(59_000, 60_001);
    await redis.command('PERSIST', refresh);
    expect(await b.claimRefresh(1000, 'third')).toBe(0);
    await redis.command('DEL', refresh);
    await redis.command('LPUSH', refresh, 'x');
    expect(await b.claimRefresh(1000, 'fourth')).toBe(0);
    await redis.command('DEL', refresh);
    await redis.command('LPUSH', refresh, 'x');
    await redis.command('PEXPIRE', refresh, '60000');
    expect(await b.claimRefresh(1000, 'x')).toBeWithin(59_000, 60_001);
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
  const failing = link.write((client) => client.lpush(TEST_KEYS.lease, 'secret document'));
  await redis.command('SET', lease, 'x');
  await failing.catch(() => null);
  const error = await link
    .write((client) => client.lpush(TEST_KEYS.lease, 'secret document'))
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toContain('WRONGTYPE');
  expect(Bun.inspect(error)).not.toContain('secret document');
  expect(log.lines.join()).not.toContain('secret document');
  link.close();
});
