import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { type RunningRedis, startRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import { createBudgetSteps } from '../redis/budget-steps.ts';
import { STEP_TIMEOUT_MS } from '../redis/steps.ts';
import { connectTestNode, TEST_KEYS } from '../redis/test-redis.ts';
import { createAllowance } from './allowance.ts';
import { MAX_PAUSE_MS } from './ledger.ts';
import { GLOBAL, RSI, spending, testLedger } from './ledger-contract.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createRedisLedger } from './redis-ledger.ts';

let redis: RunningRedis;
const links: { close(): void }[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  redis.signal('SIGCONT');
  for (const link of links.splice(0)) link.close();
  await redis.command('FLUSHALL');
});
afterAll(() => redis.stop());

/** A node's ledger on the common Redis, by a clock of its own. */
async function addNode(wallMs?: number) {
  const clock = createManualClock(wallMs);
  const { link } = connectTestNode(redis.url, crypto.randomUUID());
  links.push(link);
  const lines: [level: string, message: string][] = [];
  const log = {
    debug: (_: object, message: string) => void lines.push(['debug', message]),
    warn: (_: object, message: string) => void lines.push(['warn', message]),
  };
  const role = { isShared: true };
  const steps = createBudgetSteps(link, TEST_KEYS);
  const own = createMemoryLedger(clock);
  const ledger = createRedisLedger({ steps, own, isShared: () => role.isShared, clock, log });
  await until(() => link.read((client) => client.ping()).catch(() => null), Boolean);
  const waitMs = (route: typeof GLOBAL | typeof RSI) =>
    Math.max(0, ledger.allowedAtMs(route) - clock.monotonic());
  return { ledger, clock, lines, role, waitMs };
}

const pause = TEST_KEYS.budget('coingecko');
const remaining = async (key = pause) => Number(await redis.command('PTTL', key));
/** The count under a key that ends so. */
const counted = async (last: string) => Number(await redis.command('GET', `${pause}:${last}`));

testLedger('the Redis ledger', async () => {
  await redis.command('FLUSHALL');
  const { ledger, clock } = await addNode();
  return { ledger, clock, close: async () => {} };
});

describe('what a leader leaves word of', () => {
  test('is kept by the next one for the time that remains, though its clock is hours ahead', async () => {
    const first = await addNode(Date.UTC(2026, 10, 23, 7));
    const second = await addNode(Date.UTC(2026, 10, 23, 12));
    first.ledger.pause('coingecko', 120_000);
    await until(remaining, (ms) => ms > 0);
    expect(second.waitMs(GLOBAL)).toBe(0);
    await second.ledger.catchUp(['coingecko', 'taapi']);
    expect(second.waitMs(GLOBAL)).toBeGreaterThan(115_000);
    expect(second.waitMs(GLOBAL)).toBeLessThanOrEqual(120_000);
    expect(second.waitMs(RSI)).toBe(0);
  });

  test('covers a round that it has only just begun', async () => {
    const [first, second] = [await addNode(), await addNode()];
    first.ledger.spend([...spending('coingecko', 2), ...spending('taapi', 1, 15_000)]);
    await until(
      () => remaining(TEST_KEYS.budget('taapi')),
      (ms) => ms > 0,
    );
    await second.ledger.catchUp(['coingecko', 'taapi']);
    expect(second.waitMs(RSI)).toBeGreaterThan(10_000);
    expect(second.waitMs(GLOBAL)).toBe(0);
    expect(second.ledger.calls('coingecko')).toEqual({ today: 2, thisMonth: 2 });
  });

  test('holds for the minute, from one leader to the next and the one after it', async () => {
    const nodes = [await addNode(), await addNode(Date.UTC(2030, 0)), await addNode()] as const;
    const [first, second, third] = nodes;
    const left = async ({ ledger, clock }: typeof first) => {
      await ledger.catchUp(['coingecko']);
      return createAllowance(clock, ledger, 'coingecko', { perMinute: 5 });
    };
    const noted = (calls: number) =>
      until(
        () => counted('minute'),
        (count) => count === calls,
      );
    first.ledger.spend(spending('coingecko', 2));
    await noted(2);
    first.clock.advance(10_000);
    first.ledger.spend(spending('coingecko', 1));
    await noted(3);
    expect(await remaining(`${pause}:minute`)).toBeGreaterThan(50_000);
    expect((await left(second)).calls()).toBe(2);
    second.ledger.spend(spending('coingecko', 2));
    await noted(5);
    const allowance = await left(third);
    expect(allowance.calls()).toBe(0);
    expect(allowance.fromMs()).toBeGreaterThan(50_000);
    expect(allowance.fromMs()).toBeLessThanOrEqual(60_000);
    // What is counted is what counts still: it does not add up from minute to minute.
    first.clock.advance(65_000);
    first.ledger.spend(spending('coingecko', 1));
    await noted(1);
  });

  test('is not that it was itself refused', async () => {
    const [first, second] = [await addNode(), await addNode()];
    first.ledger.refused(GLOBAL, 60_000);
    first.ledger.spend(spending('coingecko', 1));
    await until(
      () => counted('2026-11-23'),
      (calls) => calls === 1,
    );
    await second.ledger.catchUp(['coingecko']);
    expect(second.waitMs(GLOBAL)).toBe(0);
  });

  test('adds up, and every key of it runs out by itself', async () => {
    const [first, second] = [await addNode(), await addNode()];
    first.ledger.spend(spending('coingecko', 2));
    second.ledger.spend(spending('coingecko', 3));
    second.ledger.pause('coingecko', 60_000);
    await until(
      () => counted('2026-11'),
      (calls) => calls === 5,
    );
    await until(remaining, (ms) => ms > 0);
    expect(await counted('2026-11-23')).toBe(5);
    const keys = await redis.command('KEYS', '*');
    expect(keys).toHaveLength(4);
    for (const key of [keys].flat()) expect(await remaining(String(key))).toBeGreaterThan(0);
  });

  test('is never shorter than what another has noted', async () => {
    const [first, second] = [await addNode(), await addNode()];
    first.ledger.pause('coingecko', 120_000);
    await until(remaining, (ms) => ms > 0);
    second.ledger.pause('coingecko', 1000);
    second.ledger.spend(spending('coingecko', 1));
    await until(
      () => counted('2026-11-23'),
      (calls) => calls === 1,
    );
    expect(await remaining()).toBeGreaterThan(100_000);
  });

  test('is there again with the next round when Redis has lost it', async () => {
    const { ledger } = await addNode();
    ledger.pause('coingecko', 120_000);
    await until(remaining, (ms) => ms > 0);
    await redis.command('FLUSHALL');
    ledger.spend(spending('coingecko', 0));
    expect(await until(remaining, (ms) => ms > 0)).toBeGreaterThan(100_000);
  });

  test('replaces what does not belong under its keys', async () => {
    const { ledger, lines } = await addNode();
    await redis.command('SET', pause, 'for ever');
    await redis.command('SET', `${pause}:2026-11-23`, 'many');
    await redis.command('RPUSH', `${pause}:2026-11`, 'a list');
    await redis.command('SET', `${pause}:minute`, '4');
    await ledger.catchUp(['coingecko']);
    expect(ledger.allowedAtMs(GLOBAL)).toBe(0);
    expect(ledger.calls('coingecko')).toEqual({ today: 0, thisMonth: 0 });
    expect(ledger.lastMinute('coingecko')).toEqual([]);
    ledger.spend(spending('coingecko', 2));
    ledger.pause('coingecko', 60_000);
    await until(
      () => counted('2026-11'),
      (calls) => calls === 2,
    );
    expect([await counted('2026-11-23'), await counted('minute')]).toEqual([2, 2]);
    expect(await until(remaining, (ms) => ms > 0)).toBeLessThanOrEqual(60_000);
    expect(lines).toEqual([]);
  });
});

test('a pause of years, which no node wrote, is believed for three days and written as such', async () => {
  const { ledger, waitMs } = await addNode();
  await redis.command('SET', pause, '1', 'PX', String(3650 * 86_400_000));
  await ledger.catchUp(['coingecko']);
  expect(waitMs(GLOBAL)).toBe(MAX_PAUSE_MS);
  ledger.spend(spending('coingecko', 0));
  const noted = await until(remaining, (ms) => ms <= MAX_PAUSE_MS);
  expect(noted).toBeGreaterThan(MAX_PAUSE_MS - 60_000);
});

describe('a Redis that does not answer', () => {
  test('costs a catch-up one step’s deadline, and nothing of what this node knows', async () => {
    const { ledger, waitMs } = await addNode();
    ledger.pause('coingecko', 120_000);
    redis.signal('SIGSTOP');
    const begun = performance.now();
    await ledger.catchUp(['coingecko', 'taapi']);
    expect(performance.now() - begun).toBeLessThan(3 * STEP_TIMEOUT_MS);
    expect(waitMs(GLOBAL)).toBe(120_000);
  });

  test('is complained of once, and told of every call when it is back', async () => {
    const { ledger, lines } = await addNode();
    await redis.kill();
    for (let round = 0; round < 5; round++) {
      ledger.spend(spending('coingecko', 2));
      await until(
        () => lines.length,
        (count) => count === round + 1,
      );
    }
    expect(lines.map(([level]) => level)).toEqual(['warn', ...Array(4).fill('debug')]);
    await redis.restart({ empty: true });
    const calls = await until(
      async () => {
        ledger.spend(spending('coingecko', 0));
        return counted('2026-11');
      },
      (count) => count > 0,
    );
    expect(calls).toBe(10);
    expect(ledger.calls('coingecko')).toEqual({ today: 10, thisMonth: 10 });
  });

  test('is not asked by a node that is solo, and told afterwards', async () => {
    const { ledger, role, lines } = await addNode();
    role.isShared = false;
    redis.signal('SIGSTOP');
    ledger.spend(spending('coingecko', 2));
    ledger.pause('coingecko', 120_000);
    await ledger.catchUp(['coingecko']);
    redis.signal('SIGCONT');
    role.isShared = true;
    ledger.spend(spending('coingecko', 1));
    await until(
      () => counted('2026-11'),
      (calls) => calls === 3,
    );
    expect(await remaining()).toBeGreaterThan(100_000);
    expect(lines).toEqual([]);
  });
});
