import { afterEach, describe, expect, test } from 'bun:test';
import { startRedis } from '../../e2e/start-redis.ts';
import { startTcpProxy } from '../../e2e/tcp-proxy.ts';
import { until } from '../../e2e/until.ts';
import { held, letPass, openLeaseNode, TTL_MS, watchHolders } from './test-lease-node.ts';

/** What is executed on the way of the slow one when it is slowed, and what it gives up only when it notices. */
const TAKEN_OVER_MS = TTL_MS + 2000;
/** What a busy machine may add to a deadline, ms. */
const SLACK_MS = 1000;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Three nodes, of which the first has a way to Redis of its own. */
async function openThree() {
  const redis = await startRedis();
  ends.push(redis.stop);
  const proxy = await startTcpProxy(redis.port);
  ends.push(proxy.stop);
  const slow = openLeaseNode(proxy.url('redis'), 'slow');
  const others = ['b', 'c'].map((name) => openLeaseNode(redis.url, name));
  const nodes = [slow, ...others];
  ends.push(async () => {
    proxy.setDelayMs(0);
    await Promise.all(nodes.map((node) => node.close()));
  });
  await Promise.all(nodes.map((node) => node.connected()));
  return { slow, others, nodes, proxy };
}

describe('a node whose steps are executed and answered after their deadline', () => {
  test.each([850, 1000])(
    'does not keep the lease it led with (%d ms each way)',
    async (delayMs) => {
      const { slow, others, nodes, proxy } = await openThree();
      slow.lease.start();
      await held(slow);
      for (const { lease } of others) lease.start();
      const holders = watchHolders(nodes);
      proxy.setDelayMs(delayMs);
      const sinceMs = performance.now();
      const another = () => others.find(({ lease }) => lease.isHeld());
      await until(another, Boolean, 20_000);
      expect(performance.now() - sinceMs).toBeLessThan(TAKEN_OVER_MS + SLACK_MS);
      const leader = another();
      await letPass(2 * TTL_MS);
      holders.end();
      expect(holders.most()).toBe(1);
      expect(another()).toBe(leader);
      expect(leader?.epochs()).toHaveLength(1);
    },
  );

  test('does not keep a lease that it takes without knowing', async () => {
    const { slow, others, nodes, proxy } = await openThree();
    const holders = watchHolders(nodes);
    proxy.setDelayMs(850);
    const sinceMs = performance.now();
    slow.lease.start();
    await letPass(1000);
    for (const { lease } of others) lease.start();
    await until(() => others.some(({ lease }) => lease.isHeld()), Boolean, 20_000);
    // Taken after one way, said after the next, given back after the third.
    expect(performance.now() - sinceMs).toBeWithin(2 * 850, 3 * 850 + SLACK_MS);
    holders.end();
    expect(slow.epochs()).toEqual([]);
    expect(holders.most()).toBe(1);
  });
});
