import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { maxEpochAt } from '../../contract/index.ts';
import type { RunningRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import { MAX_DOCUMENT_BYTES, type RedisSteps } from './steps.ts';
import { lead, listenTestNode, startPair, TEST_KEYS, version } from './test-redis.ts';

const { document, term, lease } = TEST_KEYS;
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

const field = (name: string) => redis.command('HGET', term, name);
const stored = () => redis.command('GET', document);
const ttl = async () => Number(await redis.command('TTL', document));

describe('save', () => {
  test('stores document and position, with an end, and publishes', async () => {
    const { channel, heard } = listenTestNode(redis.url);
    await until(
      () => heard,
      (list) => list.includes(null),
    );
    const epoch = await lead(a);
    expect(await a.save(version(epoch, 1), 'first')).toBe('ok');
    await until(
      () => heard,
      (list) => list.includes('first'),
    );
    expect(await stored()).toBe(version(epoch, 1).json);
    expect([await field('epoch'), await field('seq')]).toEqual([String(epoch), '1']);
    expect(await ttl()).toBeWithin(TTL_S - 5, TTL_S + 1);
    await channel.close();
  });

  test('never goes back: a seq that was passed is behind, also the same one again', async () => {
    const epoch = await lead(a);
    expect(await a.save(version(epoch, 2), '')).toBe('ok');
    expect(await a.save(version(epoch, 2), '')).toBe('behind');
    expect(await a.save(version(epoch, 1), '')).toBe('behind');
    expect(await stored()).toBe(version(epoch, 2).json);
    expect(await a.save(version(epoch, 10), '')).toBe('ok');
    expect(await a.save(version(epoch, 9), '')).toBe('behind');
  });

  test('is stored over a position that no node can have published, and behind one that it can', async () => {
    const epoch = await lead(a);
    const put = (stored: number) => redis.command('HSET', term, 'epoch', `${stored}`, 'seq', '1');
    await put(maxEpochAt(Date.now()) - 1);
    expect(await a.save(version(epoch, 1), '')).toBe('behind');
    await put(maxEpochAt(Date.now()) + 3_600_000);
    expect(await a.read()).toEqual({ term: epoch, stored: null });
    expect(await a.save(version(epoch, 1), '')).toBe('ok');
    expect(await a.read()).toEqual({ term: epoch, stored: version(epoch, 1) });
  });

  test('begins again at 1 in a later term', async () => {
    const first = await lead(a);
    await a.save(version(first, 500), '');
    const second = await lead(a);
    expect(await a.save(version(second, 1), '')).toBe('ok');
    expect(await a.save(version(first, 501), '')).toBe('not_leader');
  });

  test('is for the leader only, in its own term', async () => {
    const epoch = await lead(a);
    expect(await b.save(version(epoch, 1), '')).toBe('not_leader');
    expect(await a.save(version(epoch + 1, 1), '')).toBe('not_leader');
    await redis.command('DEL', lease);
    expect(await a.save(version(epoch, 1), '')).toBe('not_leader');
    await lead(a);
    await redis.command('DEL', term);
    await redis.command('SET', term, 'x');
    expect(await a.save(version(epoch, 1), '')).toBe('not_leader');
    await redis.command('DEL', lease);
    await redis.command('LPUSH', lease, 'token-a');
    expect(await a.save(version(epoch, 1), '')).toBe('not_leader');
    expect(await redis.command('EXISTS', document)).toBe(0);
  });

  test('takes the place of whatever lies under the key', async () => {
    const epoch = await lead(a);
    await redis.command('LPUSH', document, 'x');
    expect(await a.save(version(epoch, 1), '')).toBe('ok');
    expect(await stored()).toBe(version(epoch, 1).json);
    expect(await ttl()).toBeGreaterThan(0);
  });
});

describe('touch', () => {
  test('writes the stored version again, whatever was put in its place, and prolongs its life', async () => {
    const epoch = await lead(a);
    const saved = version(epoch, 3);
    await a.save(saved, '');
    for (const spoil of [
      ['PEXPIRE', document, '1000'],
      ['PERSIST', document],
      ['DEL', document],
      ['SET', document, 'garbage'],
    ]) {
      await redis.command(...spoil);
      expect(await a.touch(saved)).toBeTrue();
      expect(await stored()).toBe(saved.json);
      expect(await ttl()).toBeWithin(TTL_S - 5, TTL_S + 1);
    }
  });

  test('leaves alone what is at another position, or not this node’s to write', async () => {
    const epoch = await lead(a);
    await a.save(version(epoch, 3), '');
    expect(await a.touch(version(epoch, 2))).toBeFalse();
    expect(await a.touch(version(epoch, 4))).toBeFalse();
    expect(await b.touch(version(epoch, 3))).toBeFalse();
    await redis.command('DEL', lease);
    expect(await a.touch(version(epoch, 3))).toBeFalse();
    await lead(a);
    await redis.command('FLUSHALL');
    await redis.command('SET', lease, 'token-a', 'PX', '5000');
    expect(await a.touch(version(epoch, 3))).toBeFalse();
    expect(await redis.command('EXISTS', document)).toBe(0);
  });
});

describe('raise', () => {
  test('lifts the term, so that the leader’s ends and the next begins above', async () => {
    const epoch = await lead(a);
    const held = version(epoch + 1_000_000, 4);
    await b.raise(held);
    expect(await field('term')).toBe(String(held.epoch));
    expect(await a.save(version(epoch, 1), '')).toBe('not_leader');
    expect(await lead(a)).toBeGreaterThan(held.epoch);
  });

  test('never lowers it', async () => {
    const epoch = await lead(a);
    await b.raise(version(epoch - 1000, 9));
    expect(await field('term')).toBe(String(epoch));
  });

  test('stores the own document with its position where there is none', async () => {
    const held = version(1_800_000_000_000, 4);
    await b.raise(held);
    expect(await a.read()).toEqual({ term: held.epoch, stored: held });
    expect(await ttl()).toBeWithin(TTL_S - 5, TTL_S + 1);
    await b.raise(version(held.epoch, 5));
    expect(await a.read()).toEqual({ term: held.epoch, stored: held });
  });

  test('counts epochs that no node can have given out as nothing', async () => {
    const held = version(1_800_000_000_000, 4);
    const beyond = String(maxEpochAt(Date.now()) + 3_600_000);
    await redis.command('HSET', term, 'term', beyond, 'epoch', beyond, 'seq', '1');
    await redis.command('SET', document, 'by another program');
    await b.raise(held);
    expect(await a.read()).toEqual({ term: held.epoch, stored: held });
    expect(await field('term')).toBe(String(held.epoch));
    const within = maxEpochAt(Date.now()) - 1;
    await redis.command('HSET', term, 'term', `${within}`);
    await b.raise(held);
    expect(await field('term')).toBe(String(within));
  });

  test('counts a document without a position as none', async () => {
    const held = version(1_800_000_000_000, 4);
    await redis.command('SET', document, 'by another program');
    await b.raise(held);
    expect(await a.read()).toEqual({ term: held.epoch, stored: held });
    expect(await ttl()).toBeWithin(TTL_S - 5, TTL_S + 1);
    await redis.command('HSET', term, 'seq', 'x');
    await redis.command('SET', document, 'by another program');
    await b.raise(held);
    expect(await a.read()).toEqual({ term: held.epoch, stored: held });
  });

  test('does not put an earlier document in the place of a later one that was removed', async () => {
    const epoch = await lead(a);
    await a.save(version(epoch, 9), '');
    await redis.command('DEL', document);
    await b.raise(version(epoch, 8));
    expect(await a.read()).toEqual({ term: epoch, stored: null });
    await b.raise(version(epoch, 9));
    expect(await a.read()).toEqual({ term: epoch, stored: version(epoch, 9) });
  });

  test('stores nothing for a node that holds none, and replaces a term of another type', async () => {
    await redis.command('SET', term, 'x');
    await b.raise({ epoch: 1_800_000_000_000, seq: 1, json: '' });
    expect(await a.read()).toEqual({ term: 1_800_000_000_000, stored: null });
  });
});

describe('read', () => {
  test('finds nothing on an empty Redis, nor where everything has another type', async () => {
    expect(await a.read()).toEqual({ term: 0, stored: null });
    await redis.command('SET', term, 'x');
    await redis.command('LPUSH', document, 'x');
    expect(await a.read()).toEqual({ term: 0, stored: null });
  });

  test('leaves out a document that is too long, and one without a position', async () => {
    await redis.command('SET', document, '{}');
    expect(await a.read()).toEqual({ term: 0, stored: null });
    await redis.command(
      'HSET',
      term,
      'epoch',
      '1800000000000',
      'seq',
      '1',
      'term',
      '1800000000000',
    );
    expect((await a.read()).stored?.json).toBe('{}');
    await redis.command('SET', document, 'x'.repeat(MAX_DOCUMENT_BYTES + 1));
    expect(await a.read()).toEqual({ term: 1_800_000_000_000, stored: null });
  });
});
