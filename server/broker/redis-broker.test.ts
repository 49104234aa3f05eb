import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { until } from '../../e2e/until.ts';
import { TEST_KEYS } from '../redis/test-redis.ts';
import type { NewVersion } from './broker.ts';
import { documentOf, EPOCH, patched, REFRESH_MS, testBroker, whole } from './broker-contract.ts';
import { holds, startTestCluster, type TestCluster } from './test-redis-broker.ts';

testBroker('the Redis broker', async () => {
  const cluster = await startTestCluster();
  const node = await cluster.node();
  const publish = async (version: NewVersion) => {
    await cluster.lead(node, version.epoch);
    return node.broker.publish(version);
  };
  return {
    broker: { ...node.broker, publish },
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    settle: cluster.settle,
    close: cluster.stop,
  };
});

describe('several nodes on one Redis', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await startTestCluster();
  });
  afterEach(() => cluster.stop());

  const startLeader = async () => {
    const leader = await cluster.node();
    await cluster.lead(leader);
    return leader;
  };
  const stored = () => cluster.redis.command('GET', TEST_KEYS.document);

  test('hold the leader’s bytes, whatever is in them, and a late one reads them from the key', async () => {
    const leader = await startLeader();
    const followers = [await cluster.node(), await cluster.node()];
    const document = Object.assign(documentOf(77_705.5), {
      a_later_key: { list: [1, { inner: null }], empty: {} },
      text: 'Tiếng Việt ₫ 🚀 "quoted" \u2028 \ud800 \\ /',
      tiny: 1e-7,
      huge: 1.5e21,
      2: 'a key that is a number',
    });
    expect(await leader.broker.publish({ ...whole(1, 0), document })).toBe('ok');
    await cluster.settle();
    const late = await cluster.node();
    await holds(late, { epoch: EPOCH, seq: 1 });
    const json = JSON.stringify(document);
    for (const { broker } of [leader, ...followers, late]) expect(broker.held().json).toBe(json);
    expect(await stored()).toBe(json);
    expect(late.versions()).toMatchObject([{ consecutive: false, version: { whole: true } }]);
  });

  test('end a gap with the whole version, and take patches again after it', async () => {
    const leader = await startLeader();
    let isDeaf = false;
    const follower = await cluster.node({
      wrap: (steps, channel) => ({
        steps,
        channel: {
          ...channel,
          subscribe: (listener) => channel.subscribe((text) => isDeaf || listener(text)),
        },
      }),
    });
    await leader.broker.publish(whole(1, 1));
    await leader.broker.publish(patched(2, 2));
    await cluster.settle();
    isDeaf = true;
    await leader.broker.publish(patched(3, 3));
    await cluster.settle();
    isDeaf = false;
    await leader.broker.publish(patched(4, 4));
    await leader.broker.publish(patched(5, 5));
    await cluster.settle();
    const told = follower.versions().map(({ version, consecutive }) => [version.seq, consecutive]);
    expect(told).toEqual([
      [1, false],
      [2, true],
      [4, false],
      [5, true],
    ]);
  });

  test('have a leader that holds what it stored, and tells it once, whether it hears it or not', async () => {
    let isDeaf = true;
    const leader = await cluster.node({
      wrap: (steps, channel) => ({
        steps,
        channel: {
          ...channel,
          subscribe: (listener) => channel.subscribe((text) => isDeaf || listener(text)),
        },
      }),
    });
    await cluster.lead(leader);
    await leader.broker.publish(whole(1, 1));
    expect(leader.broker.held().json).toBe(JSON.stringify(documentOf(1)));
    isDeaf = false;
    await leader.broker.publish(patched(2, 2));
    await cluster.settle();
    const told = leader.versions().map(({ version, consecutive }) => [version.seq, consecutive]);
    expect(told).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  test('lose nothing for long when their subscribers are killed', async () => {
    const leader = await startLeader();
    const follower = await cluster.node();
    const last = { epoch: EPOCH, seq: 60 };
    await leader.broker.publish(whole(1, 1));
    for (let seq = 2; seq <= last.seq; seq++) {
      if (seq % 20 === 0) await cluster.redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      expect(await leader.broker.publish(patched(seq, seq))).toBe('ok');
    }
    await holds(follower, last);
    let before = 0;
    for (const { version, consecutive } of follower.versions()) {
      expect(version.seq).toBeGreaterThan(before);
      expect(version.document.market_cap).toBe(version.seq);
      if (consecutive) expect(version.seq).toBe(before + 1);
      before = version.seq;
    }
    // The leader holds what was answered ok, whether it hears it or not.
    expect(leader.broker.held().seq).toBe(last.seq);
  });

  test('learn from a heartbeat that they missed something, and how many they are', async () => {
    const leader = await startLeader();
    const follower = await cluster.node();
    await cluster.node();
    // What a leader that is cut off at this moment leaves behind: stored, and told to nobody.
    await leader.steps.save({ epoch: EPOCH, seq: 1, json: JSON.stringify(documentOf(7)) }, 'lost');
    await leader.broker.heartbeat({ epoch: EPOCH, seq: 1 });
    await holds(follower, { epoch: EPOCH, seq: 1 });
    expect(follower.broker.held().document.market_cap).toBe(7);
    const beat = { type: 'heartbeat', position: { epoch: EPOCH, seq: 1 }, nodes: 3 } as const;
    expect(follower.events).toContainEqual(beat);
  });

  test('grant one refresh among all of them, and hear of every round', async () => {
    const nodes = [await startLeader(), await cluster.node(), await cluster.node()];
    const claims = await Promise.all(
      Array.from({ length: 30 }, (_, index) => nodes[index % 3]?.broker.claimRefresh()),
    );
    expect(claims.filter((claim) => claim?.granted)).toHaveLength(1);
    await nodes[1]?.broker.wantRefresh();
    await nodes[0]?.broker.endRound({ epoch: EPOCH, seq: 1 }, 'failed');
    await cluster.settle();
    for (const { events } of nodes) {
      expect(events).toEqual([
        { type: 'refresh_wanted' },
        { type: 'round_ended', position: { epoch: EPOCH, seq: 1 }, outcome: 'failed' },
      ]);
    }
  });

  test('put nobody off for longer than the interval, whatever lies under the refresh key', async () => {
    const leader = await startLeader();
    await cluster.redis.command('SET', TEST_KEYS.refresh, '1', 'EX', String(3650 * 86_400));
    const claim = await leader.broker.claimRefresh();
    expect(claim).toEqual({ granted: false, retryAfterMs: REFRESH_MS });
    await leader.broker.roundStarted();
    const remaining = Number(await cluster.redis.command('PTTL', TEST_KEYS.refresh));
    expect(remaining).toBeWithin(1, REFRESH_MS + 1);
  });

  test('say of no more than a thousand nodes, however many listen', async () => {
    const leader = await cluster.node({
      wrap: (steps, channel) => ({ steps: { ...steps, countNodes: async () => 5000 }, channel }),
    });
    await leader.broker.heartbeat({ epoch: 0, seq: 0 });
    await cluster.settle();
    expect(leader.events).toMatchObject([{ type: 'heartbeat', nodes: 1000 }]);
  });

  test('keep what they held in their last run, byte by byte, and put it where nothing is stored', async () => {
    const json = `${JSON.stringify(documentOf(5)).slice(0, -1)}, "a_later_key": 1.0}`;
    const node = await cluster.node({ stored: { epoch: EPOCH, seq: 9, json } });
    expect(node.broker.held()).toMatchObject({ epoch: EPOCH, seq: 9, json });
    expect(node.broker.held().document.market_cap).toBe(5);
    expect(await until(stored, Boolean)).toBe(json);
    const ttl = Number(await cluster.redis.command('TTL', TEST_KEYS.document));
    expect(ttl).toBeGreaterThan(0);
    const late = await cluster.node();
    expect((await holds(late, { epoch: EPOCH, seq: 9 })).json).toBe(json);
  });

  test('lift the term above which one of them holds a document, so that the leader begins anew', async () => {
    const leader = await startLeader();
    await leader.broker.publish(whole(1, 1));
    const ahead = { epoch: EPOCH + 5000, seq: 3 };
    const node = await cluster.node({ stored: { ...ahead, json: JSON.stringify(documentOf(9)) } });
    const term = () => cluster.redis.command('HGET', TEST_KEYS.term, 'term');
    expect(await until(term, (text) => text !== String(EPOCH))).toBe(String(ahead.epoch));
    expect(await leader.broker.publish(patched(2, 2))).toBe('not_leader');
    // The stored document is the leader's all the same, until the next term begins.
    expect(await stored()).toBe(JSON.stringify(documentOf(1)));
    // A leader that gets below it once more is not waited for until it sends a heartbeat.
    await cluster.lead(leader);
    expect(await leader.broker.publish(patched(3, 3))).toBe('ok');
    await until(term, (text) => text === String(ahead.epoch));
    expect(node.broker.held()).toMatchObject(ahead);
    expect(node.events).toEqual([]);
  });

  test('have the document back in its key, with a time to live, as soon as a renewal finds it gone or replaced', async () => {
    const leader = await startLeader();
    await leader.broker.publish(whole(1, 1));
    const json = JSON.stringify(documentOf(1));
    const { command } = cluster.redis;
    const spoilings = [
      () => command('DEL', TEST_KEYS.document),
      () => command('SET', TEST_KEYS.document, 'garbage'),
      async () => {
        await command('DEL', TEST_KEYS.document);
        await command('RPUSH', TEST_KEYS.document, json);
      },
    ];
    for (const spoil of spoilings) {
      await spoil();
      const form = await leader.steps.renew(EPOCH, 60_000);
      if (form === 'not_leader') throw new Error('the lease was lost');
      leader.broker.noteKey(form);
      await until(
        () => stored().catch(() => null),
        (text) => text === json,
      );
      expect(Number(await command('TTL', TEST_KEYS.document))).toBeGreaterThan(3500);
    }
  });
});
