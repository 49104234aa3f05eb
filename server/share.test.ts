import { afterEach, describe, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { CLOSE, comparePositions, isNoPosition } from '../contract/index.ts';
import { freePort } from '../e2e/free-port.ts';
import { type RunningRedis, startRedis } from '../e2e/start-redis.ts';
import { until } from '../e2e/until.ts';
import {
  hasFigures,
  inStep,
  type NodeOptions,
  newDataDir,
  startTestNode,
  type TestNode,
} from './test-node.ts';

const nodes: TestNode[] = [];
const redises: RunningRedis[] = [];
const folders: string[] = [];

const addRedis = async (port?: number) => {
  const redis = await startRedis(port === undefined ? {} : { port });
  redises.push(redis);
  return redis;
};
const addNode = async (redisUrl: string, options: Omit<NodeOptions, 'redisUrl'> = {}) => {
  const node = await startTestNode({ redisUrl, ...options });
  nodes.push(node);
  return node;
};
const addFolder = () => {
  const folder = newDataDir();
  folders.push(folder);
  return folder;
};
const pass = (ms: number) =>
  new Promise<'passed'>((resolve) => setTimeout(() => resolve('passed'), ms));
/** Milliseconds that something takes. */
const timed = async (run: () => Promise<unknown>) => {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
};

afterEach(async () => {
  for (const redis of redises) redis.signal('SIGCONT');
  await Promise.all(nodes.splice(0).map((node) => node.end()));
  await Promise.all(redises.splice(0).map((redis) => redis.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('two nodes on one Redis', () => {
  test('make one round and show one document, byte for byte', async () => {
    const redis = await addRedis();
    const [one, other] = await Promise.all([addNode(redis.url), addNode(redis.url)]);
    await inStep(one, other);
    const rounds = [one, other].map(
      ({ calls }) => calls.filter((path) => path === '/api/v3/global').length,
    );
    expect(rounds.toSorted()).toEqual([0, 1]);
    expect(Number(await redis.command('PTTL', '{marketcast}:dashboard_summary'))).toBeGreaterThan(
      0,
    );
  });

  test('hand the lease on, and only then close the sockets of the one that stops', async () => {
    const redis = await addRedis();
    const leader = await addNode(redis.url);
    await hasFigures(leader);
    const follower = await addNode(redis.url);
    await inStep(leader, follower);
    const socket = leader.socket();
    const closed = new Promise<CloseEvent>((resolve) => {
      socket.onclose = resolve;
    });
    await new Promise((resolve) => {
      socket.onmessage = resolve;
    });
    const own = await redis.command('GET', '{marketcast}:lease');
    const { position } = await follower.view();
    // The lease cannot be given up as long as Redis does not answer.
    redis.signal('SIGSTOP');
    const stopped = leader.stop();
    const first = await Promise.race([closed, pass(700)]);
    redis.signal('SIGCONT');
    expect(first).toBe('passed');
    expect((await closed).code).toBe(CLOSE.serviceRestart);
    expect(await redis.command('GET', '{marketcast}:lease')).not.toBe(own);
    await stopped;
    await until(follower.view, (view) => view.position.epoch > position.epoch, 3000);
  });

  test('of different kinds share nothing', async () => {
    const redis = await addRedis();
    const real = await addNode(redis.url);
    const simulated = await addNode(redis.url, { env: { SIMULATED: 'true' } });
    await Promise.all([hasFigures(real), hasFigures(simulated)]);
    const keys = [await redis.command('KEYS', '*')].flat().map(String);
    const kinds = (prefix: string) => keys.filter((key) => key.startsWith(`{${prefix}}:`));
    expect(kinds('marketcast').length).toBeGreaterThanOrEqual(3);
    expect(kinds('marketcast-simulated')).toHaveLength(kinds('marketcast').length);
    expect(keys).toHaveLength(2 * kinds('marketcast').length);
    expect((await simulated.view()).bytes).toContain('"simulated":true');
    expect((await real.view()).bytes).toContain('"simulated":false');
  });
});

describe('a node whose Redis is away when it starts', () => {
  test('serves what it kept at once, says so, and leads above it when Redis is there', async () => {
    const dataDir = addFolder();
    const alone = await startTestNode({ redisUrl: 'off', dataDir });
    await hasFigures(alone);
    const kept = await alone.view();
    await alone.end();

    const port = await freePort();
    const node = await addNode(`redis://127.0.0.1:${port}`, { dataDir });
    expect(await node.view()).toEqual(kept);
    expect((await node.ready()).ready).toBe(true);
    const { degraded } = await until(node.ready, (state) => state.degraded.length > 0);
    expect(degraded).toContain('redis_away');
    expect(node.calls).toEqual([]);

    await addRedis(port);
    const led = await until(
      node.view,
      ({ position }) => comparePositions(position, kept.position) > 0,
    );
    expect(led.position.epoch).toBeGreaterThan(kept.position.epoch);
    await until(node.ready, (state) => state.degraded.length === 0);
    expect(node.calls.length).toBeGreaterThan(0);
  });

  test('is not ready without a document, and stops in time', async () => {
    const node = await addNode(`redis://127.0.0.1:${await freePort()}`);
    expect((await node.ready()).ready).toBe(false);
    expect(isNoPosition((await node.view()).position)).toBe(true);
    expect(await timed(node.stop)).toBeLessThan(3000);
  });
});

describe('a restart', () => {
  test('on an empty Redis begins above what the node kept, with it', async () => {
    const redis = await addRedis();
    const dataDir = addFolder();
    const first = await startTestNode({ redisUrl: redis.url, dataDir });
    await hasFigures(first);
    const kept = await first.view();
    await first.end();
    await redis.command('FLUSHALL');
    redis.signal('SIGSTOP');
    const second = await addNode(redis.url, { dataDir });
    expect(await second.view()).toEqual(kept);
    redis.signal('SIGCONT');
    const { position } = await until(
      second.view,
      ({ position }) => position.epoch > kept.position.epoch,
    );
    expect(String(position.epoch)).toHaveLength(13);
  });
});

describe('a stop while Redis is frozen', () => {
  for (const role of ['leader', 'follower'] as const) {
    test(`takes a ${role} no longer than it has`, async () => {
      const redis = await addRedis();
      const leader = await addNode(redis.url);
      await hasFigures(leader);
      const follower = await addNode(redis.url);
      await inStep(leader, follower);
      redis.signal('SIGSTOP');
      // The process cuts a stop short after five seconds.
      expect(await timed(role === 'leader' ? leader.stop : follower.stop)).toBeLessThan(4500);
    });
  }
});
