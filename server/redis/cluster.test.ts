import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { systemClock } from '../../contract/index.ts';
import type { RunningRedis } from '../../e2e/start-redis.ts';
import { type RunningRedisCluster, startRedisCluster } from '../../e2e/start-redis-cluster.ts';
import { until } from '../../e2e/until.ts';
import { createConnectRedis } from './connect.ts';
import { createHistorySteps } from './history-steps.ts';
import { createRedisChannel } from './redis-channel.ts';
import { createRedisLink } from './redis-link.ts';
import { createRedisSteps } from './redis-steps.ts';
import { STEP_TIMEOUT_MS } from './steps.ts';
import { connectTestNode, createTestLog, lead, TEST_KEYS, version } from './test-redis.ts';

/** For what is to happen within a few seconds. */
const SOON_MS = 9000;

let cluster: RunningRedisCluster;
let url: string;
beforeAll(async () => {
  cluster = await startRedisCluster();
  url = `redis-cluster://${cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  // One node that is away is not to take the others with it.
  for (const node of cluster.nodes) {
    await node.command('CONFIG', 'SET', 'cluster-require-full-coverage', 'no');
  }
}, 60_000);
afterAll(() => cluster.stop());
beforeEach(async () => {
  for (const node of cluster.nodes) {
    // One that was away is taken in again after a moment.
    await until(
      () => node.command('CLUSTER', 'INFO'),
      (info) => String(info).includes('cluster_state:ok'),
      3 * SOON_MS,
    );
    await node.command('FLUSHALL');
  }
});

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const { document, updates } = TEST_KEYS;

async function join(token: string) {
  const node = connectTestNode(url, token);
  ends.push(node.link.close);
  await until(() => node.steps.read().catch(() => null), Boolean, SOON_MS);
  return node;
}
/** Hears at the node with that index, and wherever it comes to afterwards. */
async function listenAt(index: number) {
  let isFirst = true;
  const random = () => {
    const value = isFirst ? index / cluster.nodes.length : Math.random();
    isFirst = false;
    return value;
  };
  const connect = createConnectRedis(url, random, systemClock);
  const log = createTestLog();
  const channel = createRedisChannel({ connect, clock: systemClock, log }, updates);
  ends.push(channel.close);
  const heard: (string | null)[] = [];
  channel.subscribe((message) => void heard.push(message));
  await until(
    () => heard,
    (list) => list.length === 1,
  );
  return heard;
}
const hasSubscriber = async (node: RunningRedis) =>
  String(await node.command('CLIENT', 'LIST', 'TYPE', 'PUBSUB')).includes('marketcast-channel');
/** The index of the node that has the keys. */
async function ownerIndex(): Promise<number> {
  const slot = String(await cluster.nodes[0]?.command('CLUSTER', 'KEYSLOT', document));
  const answers = await Promise.all(
    cluster.nodes.map((node) => node.command('CLUSTER', 'COUNTKEYSINSLOT', slot)),
  );
  return answers.findIndex((count) => Number(count) > 0);
}
const nodeAt = (index: number): RunningRedis => {
  const node = cluster.nodes[index % cluster.nodes.length];
  if (node === undefined) throw new Error('no such node');
  return node;
};

describe('in a Cluster', () => {
  test('every step works, on keys that lie together', async () => {
    const [a, b] = [await join('token-a'), await join('token-b')];
    const epoch = await lead(a.steps);
    expect(
      await b.steps.acquire({ ttlMs: 5000, nowMs: 0, seenEpoch: 0, addition: 1 }),
    ).toMatchObject({ taken: false });
    expect(await a.steps.save(version(epoch, 1), 'saved')).toBe('ok');
    expect(await a.steps.renew(epoch, 5000)).toMatchObject({ type: 'string' });
    expect(await a.steps.touch(version(epoch, 1))).toBeTrue();
    expect(await b.steps.read()).toEqual({ term: epoch, stored: version(epoch, 1) });
    await b.steps.raise(version(epoch + 1, 1));
    expect(await a.steps.save(version(epoch, 2), '')).toBe('not_leader');
    expect(await a.steps.claimRefresh(5000, 'a-1')).toBe(0);
    expect(await b.steps.claimRefresh(5000, 'b-1')).toBeGreaterThan(0);
    await b.steps.startRefreshInterval(60_000);
    expect(await a.steps.claimRefresh(5000, 'a-2')).toBeGreaterThan(50_000);
    const later = await lead(a.steps);
    expect(later).toBeGreaterThan(epoch + 1);
    await a.steps.release(later, 'free');
    expect(await lead(b.steps)).toBeGreaterThan(later);
    const history = [createHistorySteps(a.link, TEST_KEYS), createHistorySteps(b.link, TEST_KEYS)];
    await history[0]?.writeHistory(
      [{ name: 'chunk', digest: '1', json: '{}', replaces: null }],
      ['over'],
      60,
    );
    expect(await history[1]?.readHistoryIndex()).toEqual(new Map([['chunk', '1']]));
    expect(await history[1]?.readHistoryChunk('chunk')).toBe('{}');
  });

  test('steps that begin together on a new connection are all answered', async () => {
    const { link, steps } = connectTestNode(url, 'token-a');
    ends.push(link.close);
    const answers = await new Promise((resolve) => {
      link.onConnected(() =>
        resolve(Promise.allSettled([steps.read(), steps.read(), steps.countNodes()])),
      );
    });
    expect(answers).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
      { status: 'fulfilled' },
    ]);
  });

  test('who listens at one node hears what is published at any, and all are counted', async () => {
    const { steps } = await join('token-a');
    const listeners = [await listenAt(0), await listenAt(1), await listenAt(2)];
    expect(await Promise.all(cluster.nodes.map(hasSubscriber))).toEqual([true, true, true]);
    expect(await steps.countNodes()).toBe(3);
    await steps.publish('from a step');
    for (const [index, node] of cluster.nodes.entries())
      await node.command('PUBLISH', updates, `from ${index}`);
    for (const heard of listeners) {
      await until(
        () => heard,
        (list) => list.length === 5,
      );
      expect(heard.toSorted()).toEqual(['from 0', 'from 1', 'from 2', 'from a step', null]);
    }
  });

  test('a subscriber whose node is lost hears at another', async () => {
    const { steps } = await join('token-a');
    await steps.raise(version(1_900_000_000_000, 1));
    const lost = (await ownerIndex()) + 1;
    const heard = await listenAt(lost % cluster.nodes.length);
    await nodeAt(lost).kill();
    ends.push(() => nodeAt(lost).restart());
    await until(
      () => heard,
      (list) => list.length > 1,
      SOON_MS,
    );
    await until(
      async () => {
        await steps.publish('heard').catch(() => {});
        return heard;
      },
      (list) => list.includes('heard'),
      SOON_MS,
    );
    // One node does not answer: it has no subscribers any more.
    expect(await steps.countNodes()).toBe(1);
    expect((await steps.read()).stored).toEqual(version(1_900_000_000_000, 1));
  }, 30_000);

  test('one node in the address is enough to find the others, also when that one is lost', async () => {
    const { steps } = await join('token-a');
    await steps.raise(version(1_900_000_000_000, 1));
    const seed = nodeAt((await ownerIndex()) + 1);
    const connect = createConnectRedis(
      `redis-cluster://127.0.0.1:${seed.port}`,
      Math.random,
      systemClock,
    );
    const log = createTestLog();
    const channel = createRedisChannel({ connect, clock: systemClock, log }, updates);
    const link = createRedisLink({ connect, clock: systemClock, log });
    ends.push(channel.close, link.close);
    const heard: (string | null)[] = [];
    channel.subscribe((message) => void heard.push(message));
    const read = createRedisSteps(link, {
      keys: TEST_KEYS,
      token: 'token-b',
      snapshotTtlS: 60,
      clock: systemClock,
    }).read;
    await until(() => read().catch(() => null), Boolean);
    await until(
      () => heard,
      (list) => list.length === 1,
    );
    expect(await hasSubscriber(seed)).toBeTrue();
    await seed.kill();
    ends.push(() => seed.restart());
    await until(
      () => heard,
      (list) => list.length > 1,
      SOON_MS,
    );
    expect((await read()).stored?.seq).toBe(1);
  }, 30_000);

  test('a step whose node is gone or hangs fails in time, and works again with it', async () => {
    const { steps } = await join('token-a');
    await steps.raise(version(1_900_000_000_000, 1));
    const owner = nodeAt(await ownerIndex());
    const failure = async () => {
      const begun = performance.now();
      const reason = await steps.read().then(
        () => null,
        (error: Error) => error.message,
      );
      expect(performance.now() - begun).toBeLessThan(STEP_TIMEOUT_MS + 500);
      return reason;
    };
    owner.signal('SIGSTOP');
    expect(await failure()).toBe('Redis gave no answer in 1500 ms');
    for (let count = 0; count < 3; count++) expect(await failure()).not.toBeNull();
    owner.signal('SIGCONT');
    await until(() => steps.read().catch(() => null), Boolean, SOON_MS);
    await owner.kill();
    for (let count = 0; count < 3; count++) expect(await failure()).not.toBeNull();
    await owner.restart();
    await until(() => steps.read().catch(() => null), Boolean, SOON_MS);
  }, 60_000);

  test('keys that have moved are followed', async () => {
    const { steps } = await join('token-a');
    await steps.raise(version(1_900_000_000_000, 1));
    const [from, to] = [await ownerIndex(), (await ownerIndex()) + 1];
    const slot = String(await nodeAt(0).command('CLUSTER', 'KEYSLOT', document));
    const target = String(await nodeAt(to).command('CLUSTER', 'MYID'));
    await nodeAt(from).command('FLUSHALL');
    for (const node of cluster.nodes)
      await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', target);
    expect(await steps.read()).toEqual({ term: 0, stored: null });
    await steps.raise(version(1_900_000_000_001, 1));
    expect(await ownerIndex()).toBe(to % cluster.nodes.length);
  });

  test('a Cluster that was away as a whole is found again', async () => {
    const { steps, told } = await (async () => {
      const node = await join('token-a');
      const away: boolean[] = [];
      node.link.onAway((isAway) => void away.push(isAway));
      return { ...node, told: away };
    })();
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await until(
      () =>
        steps.read().then(
          () => null,
          (error: Error) => error.message,
        ),
      (reason) => /ECONNREFUSED|connect/i.test(reason ?? ''),
      SOON_MS,
    );
    await until(
      () => steps.read().catch(() => told),
      () => told.length > 0,
      SOON_MS,
    );
    await Promise.all(cluster.nodes.map((node) => node.restart()));
    await until(
      () => steps.raise(version(1_900_000_000_002, 1)).catch(() => null),
      (answer) => answer !== null,
      2 * SOON_MS,
    );
    expect(told).toEqual([true, false]);
  }, 60_000);
});
