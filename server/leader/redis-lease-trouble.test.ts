import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { type RunningRedis, startRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import { TEST_KEYS } from '../redis/test-redis.ts';
import {
  held,
  type LeaseNode,
  type LeaseNodeOptions,
  letPass,
  openLeaseNode,
  raisedTo,
  TTL_MS,
  watchHolders,
} from './test-lease-node.ts';

/** A renewal is due after a third of the lease's length, and the next term a second after the last at the earliest. */
const NOTICED_MS = TTL_MS / 3 + 1000;
/** What a busy machine may add to a deadline, ms. */
const SLACK_MS = 1000;
/** Longer than a connection waits for its answer: what is asked late is asked over another one. */
const FROZEN_MS = 4000;
/** Longest wait between two tries, and for a connection. */
const RECONNECTED_MS = 10_000;

const { lease, term } = TEST_KEYS;

let redis: RunningRedis;
let opened: LeaseNode[] = [];

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(opened.map((node) => node.close()));
  opened = [];
  await redis.stop();
});

function open(name: string, options?: LeaseNodeOptions): LeaseNode {
  const node = openLeaseNode(redis.url, name, options);
  opened.push(node);
  return node;
}

async function openLeader(options?: LeaseNodeOptions): Promise<LeaseNode> {
  const node = open('a', options);
  await node.connected();
  node.lease.start();
  await held(node);
  return node;
}

const types = ({ events }: LeaseNode) => events.map(({ type }) => type);
const begunAnew = (node: LeaseNode, withinMs: number) =>
  until(
    () => types(node),
    (list) => list.length === 3 && node.lease.isHeld(),
    withinMs,
  );
const rises = (epochs: readonly number[]) =>
  epochs.every((epoch, index) => index === 0 || epoch > (epochs[index - 1] ?? 0));

describe('what others do to the keys of a leader', () => {
  const deeds: Readonly<Record<string, readonly (readonly string[])[]>> = {
    'the lease deleted': [['DEL', lease]],
    'the lease given to nobody for a second': [['SET', lease, 'somebody', 'PX', '1000']],
    'the lease given to nobody without an end': [['SET', lease, 'somebody']],
    'the lease of another type': [
      ['DEL', lease],
      ['LPUSH', lease, 'x'],
    ],
    'the term deleted': [['DEL', term]],
    'the term of another type': [
      ['DEL', term],
      ['SET', term, 'x'],
    ],
    'the term garbage': [['HSET', term, 'term', 'nan']],
    'everything deleted': [['FLUSHALL']],
  };
  for (const [name, commands] of Object.entries(deeds)) {
    test(`${name}: its term ends, and it begins a higher one`, async () => {
      const a = await openLeader();
      for (const command of commands) await redis.command(...command);
      await begunAnew(a, NOTICED_MS + 1000 + SLACK_MS);
      expect(types(a)).toEqual(['gained', 'lost', 'gained']);
      expect(rises(a.epochs())).toBe(true);
      expect(await redis.command('HGET', term, 'term')).toBe(String(a.epochs()[1]));
      expect(Number(await redis.command('PTTL', lease))).toBeWithin(1, TTL_MS + 1);
      expect(a.log.errors).toEqual([]);
    });
  }

  test('a term raised by another node: its own ends, and it begins one above that', async () => {
    const a = await openLeader();
    const b = open('b');
    await b.connected();
    const raised = (a.epochs()[0] ?? 0) + 1_000_000;
    await b.steps.raise(raisedTo(raised));
    await begunAnew(a, NOTICED_MS + SLACK_MS);
    expect(a.epochs()[1]).toBeGreaterThan(raised);
  });

  test('everything deleted among several nodes: one leads in the end, above everything before', async () => {
    const nodes: LeaseNode[] = [];
    const highestEpoch = () => Math.max(0, ...nodes.flatMap((node) => node.epochs()));
    for (const name of ['a', 'b', 'c']) nodes.push(open(name, { highestEpoch }));
    await Promise.all(nodes.map((node) => node.connected()));
    for (const node of nodes) node.lease.start();
    await until(() => nodes.some((node) => node.lease.isHeld()), Boolean);
    const before = highestEpoch();
    await redis.command('FLUSHALL');
    await until(
      () => highestEpoch() > before && nodes.filter((node) => node.lease.isHeld()).length === 1,
      Boolean,
      2 * TTL_MS,
    );
    const holders = watchHolders(nodes);
    await letPass(TTL_MS);
    holders.end();
    expect(holders.most()).toBe(1);
    const leader = nodes.find((node) => node.lease.isHeld());
    expect(leader?.epochs().at(-1)).toBe(highestEpoch());
  });
});

describe('a Redis in trouble', () => {
  test('away at the start and there later: the lease is taken soon after', async () => {
    await redis.kill();
    const a = open('a');
    a.lease.start();
    await letPass(1500);
    expect(a.lease.isHeld()).toBe(false);
    await redis.restart();
    await held(a, RECONNECTED_MS);
    expect(types(a)).toEqual(['gained']);
  });

  test('killed and back empty: not held beyond its time, and then begun anew', async () => {
    const a = await openLeader();
    await redis.kill();
    await until(() => !a.lease.isHeld(), Boolean, TTL_MS);
    await until(() => types(a).length === 2, Boolean, SLACK_MS);
    await redis.restart();
    await begunAnew(a, RECONNECTED_MS);
    expect(rises(a.epochs())).toBe(true);
  });

  test('frozen while nodes try: what it executes late makes no two leaders', async () => {
    const nodes = ['a', 'b', 'c'].map((name) => open(name));
    await Promise.all(nodes.map((node) => node.connected()));
    const holders = watchHolders(nodes);
    redis.signal('SIGSTOP');
    for (const node of nodes) node.lease.start();
    await letPass(FROZEN_MS);
    expect(holders.most()).toBe(0);
    redis.signal('SIGCONT');
    await until(() => nodes.filter((node) => node.lease.isHeld()).length, Boolean);
    await letPass(1.5 * TTL_MS);
    holders.end();
    expect(holders.most()).toBe(1);
    expect(nodes.filter((node) => node.lease.isHeld())).toHaveLength(1);
  });

  test('frozen under a leader that stands back: the late release ends no later term', async () => {
    const nodes = [await openLeader(), open('b')] as const;
    const [a, b] = nodes;
    await b.connected();
    b.lease.start();
    await b.steps.read();
    const holders = watchHolders(nodes);
    redis.signal('SIGSTOP');
    a.lease.standBack(60_000);
    await letPass(FROZEN_MS);
    redis.signal('SIGCONT');
    await until(() => nodes.some((node) => node.lease.isHeld()), Boolean);
    await letPass(1.5 * TTL_MS);
    holders.end();
    expect(holders.most()).toBe(1);
  });

  test('frozen while a leader closes: that comes to its end, and the lease does too', async () => {
    const a = await openLeader();
    redis.signal('SIGSTOP');
    const sinceMs = performance.now();
    await a.lease.close();
    expect(performance.now() - sinceMs).toBeLessThan(2 * 1500 + SLACK_MS);
    redis.signal('SIGCONT');
    await until(
      () => redis.command('EXISTS', lease),
      (count) => count === 0,
      TTL_MS + SLACK_MS,
    );
    expect(types(a)).toEqual(['gained', 'lost']);
  });

  test('gone for good: a try under way at the end holds nobody up', async () => {
    const a = await openLeader();
    await redis.kill();
    const sinceMs = performance.now();
    await a.lease.close();
    expect(performance.now() - sinceMs).toBeLessThan(1500 + SLACK_MS);
    expect(a.lease.isHeld()).toBe(false);
  });
});
