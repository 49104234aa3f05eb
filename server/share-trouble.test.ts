import { afterEach, describe, expect, test } from 'bun:test';
import { type RedisOptions, type RunningRedis, startRedis } from '../e2e/start-redis.ts';
import { until } from '../e2e/until.ts';
import { hasFigures, inStep, startTestNode, type TestNode } from './test-node.ts';

const LEASE = '{marketcast}:lease';
const TERM = '{marketcast}:term';
const DOCUMENT = '{marketcast}:dashboard_summary';
/** Of the test's nodes. */
const LEASE_TTL_MS = 2000;

const nodes: TestNode[] = [];
const redises: RunningRedis[] = [];

const addRedis = async (options: RedisOptions = {}) => {
  const redis = await startRedis(options);
  redises.push(redis);
  return redis;
};
const addNode = async (redisUrl: string) => {
  const node = await startTestNode({ redisUrl });
  nodes.push(node);
  return node;
};
/** Starts a node that cannot use Redis. @returns all that it logs */
const logOfNodeAway = async (redisUrl: string) => {
  const node = await startTestNode({ redisUrl });
  await until(node.ready, ({ degraded }) => degraded.includes('redis_away'));
  return node.end();
};
const occurrences = (text: string, part: string) => text.split(part).length - 1;

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.end()));
  await Promise.all(redises.splice(0).map((redis) => redis.stop()));
});

describe('what is logged of a Redis that cannot be used', () => {
  test('is one sentence with a reason, never its address or its password', async () => {
    const { port, command } = await addRedis();
    await command('CONFIG', 'SET', 'requirepass', 'the-right-one');
    const urls = [
      `redis://somebody:wrong-word@127.0.0.1:${port}`,
      `redis://:wrong-word@127.0.0.1:1`,
    ];
    for (const url of urls) {
      const text = await logOfNodeAway(url);
      expect(occurrences(text, 'Redis cannot be used')).toBe(1);
      expect(text).toMatch(/"reason":"[^"]*(WRONGPASS|ECONNREFUSED|connect)/);
      expect(text).not.toContain('wrong-word');
      expect(text).not.toContain('redis://');
    }
  });

  test('is nothing of what was sent to one that does not know a command', async () => {
    const noAuth = await addRedis({ args: ['--rename-command', 'AUTH', ''] });
    const noEval = await addRedis({ args: ['--rename-command', 'EVAL', ''] });
    const { port } = noAuth;
    for (const url of [
      `redis://:the-password@127.0.0.1:${port}`,
      `redis://somebody:the-password@127.0.0.1:${port}`,
      noEval.url,
    ]) {
      const text = await logOfNodeAway(url);
      expect(text).toMatch(/"reason":"ERR unknown command '(auth|eval)'"/i);
      expect(text).not.toContain('the-password');
      expect(text).not.toContain('redis.call');
      expect(text).not.toContain('KEYS');
    }
  });
});

test('a Redis that is read and not written to counts as away, and nobody leads on it', async () => {
  const redis = await addRedis();
  const node = await addNode(redis.url);
  await hasFigures(node);
  await redis.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
  await until(
    () => redis.command('EXISTS', LEASE),
    (count) => count === 0,
    2 * LEASE_TTL_MS,
  );
  await until(node.ready, ({ degraded }) => degraded.includes('redis_away'));
  const untilMs = performance.now() + 2 * LEASE_TTL_MS;
  while (performance.now() < untilMs) {
    expect((await node.ready()).degraded).toContain('redis_away');
    await Bun.sleep(20);
  }
  await redis.command('CONFIG', 'SET', 'min-replicas-to-write', '0');
  await until(node.ready, ({ degraded }) => degraded.length === 0, 15_000);
  expect(await redis.command('EXISTS', LEASE)).toBe(1);
  const text = await node.end();
  nodes.splice(0);
  expect(occurrences(text, 'Redis cannot be used')).toBe(1);
  expect(occurrences(text, 'Redis can be used again')).toBe(1);
});

test('nodes in two databases of one Redis hear nothing of each other', async () => {
  const redis = await addRedis();
  const [one, other] = [await addNode(`${redis.url}/0`), await addNode(`${redis.url}/1`)];
  await Promise.all([hasFigures(one), hasFigures(other)]);
  const listeners = await redis.command(
    ...['PUBSUB', 'NUMSUB', '{marketcast}:updates', '{marketcast}:updates:1'],
  );
  expect(listeners).toEqual(['{marketcast}:updates', 1, '{marketcast}:updates:1', 1]);
  // Each leads in its own.
  const epochs = [(await one.view()).position.epoch, (await other.view()).position.epoch];
  expect(await redis.command('HGET', TERM, 'term')).toBe(String(epochs[0]));
  expect(epochs[1]).not.toBe(epochs[0]);
  expect(Math.min(one.calls.length, other.calls.length)).toBeGreaterThan(0);
});

test('a term as high as none can be is got past, and everybody follows', async () => {
  const redis = await addRedis();
  const [one, other] = await Promise.all([addNode(redis.url), addNode(redis.url)]);
  await inStep(one, other);
  const { position } = await one.view();
  await redis.command('HSET', TERM, 'term', '500000000000000');
  const later = await until(one.view, (view) => view.position.epoch > position.epoch);
  expect(String(later.position.epoch)).toHaveLength(13);
  await inStep(one, other);
});

test('what a failover has lost of the document is stored again while the lease lives on', async () => {
  const redis = await addRedis();
  const [one, other] = await Promise.all([addNode(redis.url), addNode(redis.url)]);
  await inStep(one, other);
  const { position, bytes } = await one.view();
  await redis.command('HSET', TERM, 'seq', String(position.seq - 1));
  await redis.command('SET', DOCUMENT, bytes.replace('2500000000000', '1000000000000'));
  const stored = () => redis.command('GET', DOCUMENT);
  // Two renewals, each a third of the lease's length after the one before.
  await until(stored, (text) => text === bytes, 3 * LEASE_TTL_MS);
  const healed = await one.view();
  expect(healed.bytes).toBe(bytes);
  expect(healed.position.epoch).toBe(position.epoch);
  expect(healed.position.seq).toBeGreaterThan(position.seq);
  await inStep(one, other);
});
