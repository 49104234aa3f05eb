import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { MIN_EPOCH } from '../../contract/index.ts';
import { type RunningRedis, startRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import { EPOCH_JITTER } from './lease.ts';
import { testLease } from './lease-contract.ts';
import {
  held,
  type LeaseNode,
  type LeaseNodeOptions,
  letPass,
  openLeaseNode,
  TTL_MS,
  watchHolders,
} from './test-lease-node.ts';

/** What a busy machine may add to a deadline, ms. */
const SLACK_MS = 1000;

let redis: RunningRedis;
let opened: LeaseNode[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.command('FLUSHALL');
});
afterEach(async () => {
  await Promise.all(opened.map((node) => node.close()));
  opened = [];
});

async function open(name: string, options?: LeaseNodeOptions): Promise<LeaseNode> {
  const node = openLeaseNode(redis.url, name, options);
  opened.push(node);
  await node.connected();
  return node;
}

/** A node that leads, and one that follows. */
async function openPair(options?: LeaseNodeOptions) {
  const a = await open('a', options);
  const b = await open('b', options);
  a.lease.start();
  await held(a);
  b.lease.start();
  // Answered after the first try of the other.
  await b.steps.read();
  return { a, b };
}

const types = ({ events }: LeaseNode) => events.map(({ type }) => type);
const passed = (sinceMs: number) => performance.now() - sinceMs;

testLease('the lease in Redis', async () => {
  const { lease, steps, close, connected } = openLeaseNode(redis.url, 'of the suite');
  await connected();
  let isWanted = false;
  return {
    lease: {
      ...lease,
      start() {
        isWanted = true;
        lease.start();
      },
      async close() {
        isWanted = false;
        await lease.close();
      },
    },
    async settle() {
      await until(() => lease.isHeld() || !isWanted, Boolean);
      // Whatever was asked before this is answered after it.
      await steps.read();
    },
    close,
  };
});

describe('several leases on one Redis', () => {
  test('are held by one node at most, however many start at once', async () => {
    const nodes = await Promise.all(Array.from({ length: 8 }, (_, index) => open(`node ${index}`)));
    const holders = watchHolders(nodes);
    for (const { lease } of nodes) lease.start();
    await until(() => nodes.some(({ lease }) => lease.isHeld()), Boolean);
    await letPass(2 * TTL_MS);
    holders.end();
    expect(holders.looks()).toBeGreaterThan(100);
    expect(holders.most()).toBe(1);
    expect(nodes.flatMap(({ events }) => events.map(({ type }) => type))).toEqual(['gained']);
  });

  test('are held by one node at most while connections are killed again and again', async () => {
    const nodes = await Promise.all(Array.from({ length: 8 }, (_, index) => open(`node ${index}`)));
    const holders = watchHolders(nodes);
    const epochs: number[] = [];
    for (const { lease } of nodes) {
      lease.subscribe((event) => event.type === 'gained' && epochs.push(event.epoch));
      lease.start();
    }
    const startedAt = performance.now();
    let kills = 0;
    let nextAtMs = 0;
    await until(
      async () => {
        if (passed(startedAt) > nextAtMs) {
          nextAtMs = passed(startedAt) + Math.random() * 500;
          kills++;
          const kind = Math.random() < 0.5 ? 'normal' : 'pubsub';
          await redis.command('CLIENT', 'KILL', 'TYPE', kind);
          // A leader that stands down sets all of them going.
          if (kills % 4 === 0) nodes.find(({ lease }) => lease.isHeld())?.lease.standBack(500);
        }
        return passed(startedAt);
      },
      (ms) => ms > 6000,
    );
    await until(
      () => nodes.filter(({ lease }) => lease.isHeld()).length,
      (count) => count === 1,
    );
    holders.end();
    expect(kills).toBeGreaterThan(8);
    expect(holders.looks()).toBeGreaterThan(1000);
    expect(holders.most()).toBe(1);
    expect(epochs.length).toBeGreaterThan(1);
    expect(epochs).toEqual([...new Set(epochs)].toSorted((x, y) => x - y));
  });

  test('pass to another node within the lease’s length when its holder dies', async () => {
    const { a, b } = await openPair();
    const holders = watchHolders([a, b]);
    const diedAt = performance.now();
    a.die();
    await held(b);
    const tookMs = passed(diedAt);
    holders.end();
    expect(holders.most()).toBe(1);
    expect(a.lease.isHeld()).toBe(false);
    expect(types(a)).toEqual(['gained', 'lost']);
    expect(tookMs).toBeLessThan(TTL_MS + 200 + SLACK_MS);
    expect(b.epochs()[0]).toBeGreaterThan(a.epochs()[0] ?? Number.POSITIVE_INFINITY);
  });

  test('pass to another node at once when the holder closes', async () => {
    const { a, b } = await openPair();
    const closedAt = performance.now();
    await a.lease.close();
    expect(a.lease.isHeld()).toBe(false);
    await held(b);
    expect(passed(closedAt)).toBeLessThan(Math.min(SLACK_MS, TTL_MS / 2));
  });

  test('pass to another node at once when the holder stands back, and stay there', async () => {
    const { a, b } = await openPair();
    const holders = watchHolders([a, b]);
    const stoodAt = performance.now();
    a.lease.standBack(60_000);
    expect(a.lease.isHeld()).toBe(false);
    await held(b);
    expect(passed(stoodAt)).toBeLessThan(SLACK_MS);
    await letPass(2 * TTL_MS);
    holders.end();
    expect(b.lease.isHeld()).toBe(true);
    expect(types(a)).toEqual(['gained', 'lost']);
    expect(holders.most()).toBe(1);
  });

  test('come back after two seconds to a single node that stands back', async () => {
    const a = await open('a');
    a.lease.start();
    await held(a);
    const stoodAt = performance.now();
    a.lease.standBack(60_000);
    await held(a);
    expect(passed(stoodAt)).toBeWithin(1990, 2000 + SLACK_MS);
    expect(types(a)).toEqual(['gained', 'lost', 'gained']);
  });

  test('begin terms that rise although one node’s clock is ahead by an hour and another’s behind', async () => {
    const hour = 3_600_000;
    const a = await open('a', { wallOffsetMs: hour });
    a.lease.start();
    await held(a);
    const epochs = a.epochs();
    let leader = a;
    for (const wallOffsetMs of [-hour, 0]) {
      const next = await open('next', { wallOffsetMs });
      next.lease.start();
      await next.steps.read();
      leader.lease.standBack(60_000);
      await held(next);
      epochs.push(...next.epochs());
      leader = next;
    }
    expect(epochs).toHaveLength(3);
    expect(epochs).toEqual([...new Set(epochs)].toSorted((x, y) => x - y));
    expect(epochs[0]).toBeGreaterThan(Date.now() + hour - 60_000);
  });
});

test('a node whose clock is in 1970 gives out epochs that every node believes', async () => {
  const a = await open('a', { wallOffsetMs: -Date.now() });
  a.lease.start();
  await held(a);
  const [epoch = 0] = a.epochs();
  expect(epoch).toBeWithin(MIN_EPOCH + 1, MIN_EPOCH + EPOCH_JITTER + 2);
  const b = await open('b');
  const version = { epoch, seq: 1, json: '{}' };
  expect(await a.steps.save(version, '')).toBe('ok');
  expect(await b.steps.read()).toEqual({ term: epoch, stored: version });
});

describe('a term that ends', () => {
  test('for a holder whose lease was taken by another: it follows, and tries in vain', async () => {
    const { a, b } = await openPair();
    // As when the clocks of the machines run apart.
    await redis.command('DEL', '{test}:lease');
    const { taken } = await b.steps.acquire({
      ...{ ttlMs: 2 * TTL_MS, nowMs: Date.now(), seenEpoch: 0, addition: 1 },
    });
    expect(taken).toBe(true);
    a.lease.renewTerm();
    expect(a.lease.isHeld()).toBe(false);
    await held(b);
    await b.steps.read();
    expect(types(a)).toEqual(['gained', 'lost']);
    await b.lease.close();
    await held(a);
    expect(a.epochs()[1]).toBeGreaterThan(b.epochs()[0] ?? Number.POSITIVE_INFINITY);
  });

  test('when its answer was lost goes on with a higher epoch, and nobody else leads meanwhile', async () => {
    const lost: number[] = [];
    const loseFirst = (steps: LeaseNode['steps']): LeaseNode['steps'] => ({
      ...steps,
      async acquire(request) {
        const answer = await steps.acquire(request);
        if (lost.length > 0 || !answer.taken) return answer;
        lost.push(answer.epoch);
        throw new Error('the answer was lost');
      },
    });
    const a = await open('a', { through: loseFirst });
    const b = await open('b');
    a.lease.start();
    await until(() => lost.length, Boolean);
    b.lease.start();
    await held(a, TTL_MS);
    await b.steps.read();
    expect(a.epochs()[0]).toBeGreaterThan(lost[0] ?? Number.POSITIVE_INFINITY);
    expect(types(b)).toEqual([]);
  });
});
