import { describe, expect, test } from 'bun:test';
import { until } from '../../e2e/until.ts';
import { STEP_TIMEOUT_MS } from '../redis/steps.ts';
import { TEST_KEYS } from '../redis/test-redis.ts';
import type { BrokerEvent } from './broker.ts';
import { documentOf, EPOCH, patched, whole } from './broker-contract.ts';
import { holds, startTestCluster, type TestNode } from './test-redis-broker.ts';

describe('a node without an answer from Redis', () => {
  const askEverything = async (node: TestNode) => {
    const { broker } = node;
    const startedMs = performance.now();
    const answers = await Promise.allSettled([
      broker.publish(patched(2, 2)),
      broker.heartbeat({ epoch: EPOCH, seq: 1 }),
      broker.claimRefresh(),
      broker.wantRefresh(),
      broker.roundStarted(),
    ]);
    return { statuses: answers.map(({ status }) => status), ms: performance.now() - startedMs };
  };
  const ALL_REJECTED = Array(5).fill('rejected');

  test('is told so in a second and a half, holds what it held, and never spends a seq twice', async () => {
    const cluster = await startTestCluster();
    try {
      const leader = await cluster.node();
      const follower = await cluster.node();
      await cluster.lead(leader);
      await leader.broker.publish(whole(1, 1));
      await holds(follower, { epoch: EPOCH, seq: 1 });
      cluster.redis.signal('SIGSTOP');
      const { statuses, ms } = await askEverything(leader);
      expect(statuses).toEqual(ALL_REJECTED);
      expect(ms).toBeLessThan(3 * STEP_TIMEOUT_MS);
      expect(leader.broker.held().seq).toBe(1);
      cluster.redis.signal('SIGCONT');
      // The save that was given up on may have been executed, or may not; the next one is whole and has a seq of its own.
      await until(
        () => leader.broker.publish(whole(3, 3)).catch(() => null),
        (answer) => answer !== null,
      );
      await holds(follower, { epoch: EPOCH, seq: 3 });
      for (const { version } of follower.versions()) {
        expect(version.document.market_cap).toBe(version.seq);
      }
    } finally {
      cluster.redis.signal('SIGCONT');
      await cluster.stop();
    }
  });

  test('is told so at once when there is no Redis, and says the end of a round when there is one again', async () => {
    const cluster = await startTestCluster();
    try {
      const leader = await cluster.node();
      await cluster.lead(leader);
      await leader.broker.publish(whole(1, 1));
      await cluster.redis.kill();
      const { statuses, ms } = await askEverything(leader);
      expect(statuses).toEqual(ALL_REJECTED);
      expect(ms).toBeLessThan(3 * STEP_TIMEOUT_MS);
      expect(leader.broker.held().seq).toBe(1);
      const ended = leader.broker.endRound({ epoch: EPOCH, seq: 1 }, 'changed');
      await cluster.redis.restart();
      await ended;
      // Redis came back empty: what this node holds lies in it again.
      await until(
        () => cluster.redis.command('GET', TEST_KEYS.document),
        (text) => text === JSON.stringify(documentOf(1)),
      );
    } finally {
      await cluster.stop();
    }
  });
});

test('a solo node keeps what it says to itself, and hears nobody else until it is one of them again', async () => {
  const cluster = await startTestCluster();
  try {
    const solo = await cluster.node();
    const other = await cluster.node();
    solo.conditions.set('solo', true);
    const { broker } = solo;
    expect(await broker.publish(whole(1, 1))).toBe('ok');
    expect(await broker.publish(whole(1, 2))).toBe('behind');
    await broker.heartbeat({ epoch: EPOCH, seq: 1 });
    expect(await broker.claimRefresh()).toEqual({ granted: true });
    expect(await broker.claimRefresh()).toMatchObject({ granted: false });
    await broker.roundStarted();
    await broker.wantRefresh();
    await broker.endRound({ epoch: EPOCH, seq: 1 }, 'changed');
    await cluster.settle();
    const own: BrokerEvent['type'][] = [
      ...(['conditions', 'version', 'refresh_wanted', 'round_ended'] as const),
    ];
    expect(solo.events.map(({ type }) => type)).toEqual(own);
    expect(other.events).toEqual([]);
    expect(other.heard.filter((text) => text?.startsWith('{'))).toEqual([]);
    expect(await cluster.redis.command('KEYS', '*')).toEqual([]);
    expect(await other.broker.claimRefresh()).toEqual({ granted: true });

    await cluster.lead(other, EPOCH + 1);
    await other.broker.publish(whole(1, 5, EPOCH + 1));
    await other.broker.heartbeat({ epoch: EPOCH + 1, seq: 1 });
    await other.broker.wantRefresh();
    await other.broker.endRound({ epoch: EPOCH + 1, seq: 1 }, 'changed');
    await cluster.redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    for (const { heard } of [solo, other]) {
      await until(
        () => heard.filter((text) => text === null).length,
        (count) => count > 1,
      );
    }
    await cluster.settle();
    expect(await broker.publish(whole(2, 2))).toBe('ok');
    expect(broker.held()).toMatchObject({ epoch: EPOCH, seq: 2 });
    expect(solo.events.map(({ type }) => type)).toEqual([...own, 'version']);

    solo.conditions.set('solo', false);
    await holds(solo, { epoch: EPOCH + 1, seq: 1 });
    await other.broker.publish(whole(2, 6, EPOCH + 1));
    await holds(solo, { epoch: EPOCH + 1, seq: 2 });
  } finally {
    await cluster.stop();
  }
});

describe('a leader', () => {
  test('shows that it lives also when nobody can be counted', async () => {
    const cluster = await startTestCluster();
    try {
      let canCount = true;
      const leader = await cluster.node({
        wrap: (steps, channel) => ({
          steps: {
            ...steps,
            countNodes: () =>
              canCount ? steps.countNodes() : Promise.reject(new Error('no answer')),
          },
          channel,
        }),
      });
      const follower = await cluster.node();
      await cluster.lead(leader);
      await leader.broker.publish(whole(1, 1));
      await leader.broker.heartbeat({ epoch: EPOCH, seq: 1 });
      canCount = false;
      await cluster.node();
      await leader.broker.heartbeat({ epoch: EPOCH, seq: 1 });
      await cluster.settle();
      const beats = follower.events.flatMap((event) =>
        event.type === 'heartbeat' ? [event.nodes] : [],
      );
      // As many as were last counted.
      expect(beats).toEqual([2, 2]);
    } finally {
      await cluster.stop();
    }
  });

  test('is asked to save anew when Redis has gone back to an earlier version under its lease', async () => {
    const cluster = await startTestCluster();
    try {
      const leader = await cluster.node();
      await cluster.lead(leader);
      for (const seq of [1, 2, 3]) await leader.broker.publish(whole(seq, seq));
      const wishes = () => leader.events.filter(({ type }) => type === 'save_wanted').length;
      const renew = async () => {
        const form = await leader.steps.renew(EPOCH, 60_000);
        if (form === 'not_leader') throw new Error('the lease was lost');
        leader.broker.noteKey(form);
      };
      await renew();
      await renew();
      expect(wishes()).toBe(0);
      // As after a failover to a replica that had not heard of the last two.
      await cluster.redis.command('HSET', TEST_KEYS.term, 'seq', '1');
      await cluster.redis.command('SET', TEST_KEYS.document, JSON.stringify(documentOf(1)));
      await renew();
      expect(wishes()).toBe(0);
      await renew();
      expect(wishes()).toBe(1);
      expect(await leader.broker.publish(whole(4, 3))).toBe('ok');
      await renew();
      await renew();
      expect(wishes()).toBe(1);
    } finally {
      await cluster.stop();
    }
  });
});

test('a claim whose answer was lost is made again under its name, and granted', async () => {
  const cluster = await startTestCluster();
  try {
    let isLost = true;
    const node = await cluster.node({
      wrap: (steps, channel) => ({
        steps: {
          ...steps,
          async claimRefresh(...args) {
            const answer = await steps.claimRefresh(...args);
            if (isLost) throw new Error('no answer');
            return answer;
          },
        },
        channel,
      }),
    });
    const other = await cluster.node();
    await expect(node.broker.claimRefresh()).rejects.toThrow('no answer');
    expect(await other.broker.claimRefresh()).toMatchObject({ granted: false });
    isLost = false;
    expect(await node.broker.claimRefresh()).toEqual({ granted: true });
    expect(await node.broker.claimRefresh()).toMatchObject({ granted: false });
  } finally {
    await cluster.stop();
  }
});
