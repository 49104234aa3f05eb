import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { maxEpochAt } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { RunningRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import { MAX_DOCUMENT_BYTES, type RedisSteps } from './steps.ts';
import {
  connectTestNode,
  lead,
  leaseRequest,
  listenTestNode,
  startPair,
  TEST_KEYS,
  version,
} from './test-redis.ts';

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

describe('acquire', () => {
  test('begins a term on an empty Redis and stores nothing but it', async () => {
    const answer = await a.acquire({ ...leaseRequest(1_763_881_200_123), addition: 65_536 });
    expect(answer).toEqual({ taken: true, epoch: 1_763_881_265_659, stored: null });
    expect(await redis.command('HGETALL', term)).toEqual(['term', '1763881265659']);
    expect(await redis.command('GET', lease)).toBe('token-a');
    expect(Number(await redis.command('PTTL', lease))).toBeWithin(4000, 5001);
    expect(await redis.command('EXISTS', document)).toBe(0);
  });

  test('tells another node how long the lease still lives', async () => {
    await lead(a);
    const answer = await b.acquire(leaseRequest());
    expect(answer.taken).toBeFalse();
    if (!answer.taken) expect(answer.remainingMs).toBeWithin(4000, 5001);
    expect(await redis.command('GET', lease)).toBe('token-a');
  });

  test('gives the same node a later term, however often it asks', async () => {
    const epochs = [await lead(a, 1e12), await lead(a, 1e12), await lead(a, 1e12)];
    expect(epochs).toEqual([1e12 + 1, 1e12 + 2, 1e12 + 3]);
  });

  test('begins above what is stored, given out, seen, and the clock, whichever is highest', async () => {
    const high = 1_900_000_000_000;
    const begin = async (fields: readonly string[], nowMs: number, seenEpoch: number) => {
      await redis.command('FLUSHALL');
      if (fields.length > 0) await redis.command('HSET', term, ...fields);
      const answer = await a.acquire(leaseRequest(nowMs, seenEpoch));
      return answer.taken ? answer.epoch : null;
    };
    expect(await begin(['epoch', `${high}`, 'seq', '3', 'term', '5'], 1e12, 7)).toBe(high + 1);
    expect(await begin(['epoch', '5', 'term', `${high}`], 1e12, 7)).toBe(high + 1);
    expect(await begin(['epoch', '5', 'term', '6'], 1e12, high)).toBe(high + 1);
    expect(await begin([], high, 7)).toBe(high + 1);
  });

  test('answers the stored document with its position and leaves both alone', async () => {
    const epoch = await lead(a);
    const saved = version(epoch, 7);
    await a.save(saved, '');
    await a.release(epoch, '');
    const answer = await b.acquire(leaseRequest());
    expect(answer).toMatchObject({ taken: true, stored: saved });
    expect(await redis.command('HMGET', term, 'epoch', 'seq')).toEqual([String(epoch), '7']);
    expect(await redis.command('GET', document)).toBe(saved.json);
  });

  test('takes a lease that no node can have written: of another type, without an end, or for too long', async () => {
    await redis.command('SADD', lease, 'x');
    await lead(a);
    await redis.command('SET', lease, 'somebody');
    await lead(b);
    expect(await redis.command('GET', lease)).toBe('token-b');
    expect(Number(await redis.command('PTTL', lease))).toBeGreaterThan(0);
    await redis.command('SET', lease, 'somebody', 'PX', '60000');
    expect(await a.acquire(leaseRequest())).toMatchObject({ taken: false });
    await redis.command('SET', lease, 'somebody', 'PX', '70000');
    await lead(a);
    expect(await redis.command('GET', lease)).toBe('token-a');
    expect(Number(await redis.command('PTTL', lease))).toBeLessThanOrEqual(5000);
  });

  const garbage = [
    '',
    'x',
    '-1',
    '1.5',
    '1e300',
    'inf',
    'nan',
    '0x10',
    '500000000000000',
    '499999000000001',
    '9'.repeat(15),
    '9'.repeat(16),
    '9'.repeat(400),
  ];
  for (const text of garbage) {
    test(`counts ${text.slice(0, 17) || 'an empty text'} in place of a number as nothing`, async () => {
      await redis.command('HSET', term, 'epoch', text, 'seq', text, 'term', text);
      await redis.command('SET', document, '{}');
      const answer = await a.acquire(leaseRequest(1e12));
      expect(answer).toEqual({ taken: true, epoch: 1e12 + 1, stored: null });
      expect(await a.save(version(1e12 + 1, 1), '')).toBe('ok');
      expect(await b.read()).toMatchObject({ term: 1e12 + 1, stored: version(1e12 + 1, 1) });
    });
  }

  test('believes epochs up to the highest that the clock of who asks allows', async () => {
    const nowMs = 1_795_000_000_000;
    const limit = maxEpochAt(nowMs);
    const begin = async (field: string, epoch: number) => {
      await redis.command('FLUSHALL');
      await redis.command('HSET', term, field, `${epoch}`, 'seq', '3');
      await redis.command('SET', document, '{}');
      return a.acquire(leaseRequest(nowMs));
    };
    const stored = { epoch: limit, seq: 3, json: '{}' };
    expect(await begin('epoch', limit)).toEqual({ taken: true, epoch: limit + 1, stored });
    expect(await begin('term', limit)).toMatchObject({ epoch: limit + 1 });
    for (const field of ['epoch', 'term'])
      expect(await begin(field, limit + 1)).toEqual({
        taken: true,
        epoch: nowMs + 1,
        stored: null,
      });
  });

  test('goes on above what was seen at the limit, and is saved and read once time has passed it', async () => {
    const clock = createManualClock(1_795_000_000_000);
    const { steps, link } = connectTestNode(redis.url, 'token-c', TTL_S, clock);
    await until(() => steps.read().catch(() => null), Boolean);
    const seen = maxEpochAt(clock.now());
    const answer = await steps.acquire(leaseRequest(clock.now(), seen));
    expect(answer).toMatchObject({ taken: true, epoch: seen + 1 });
    expect(await steps.save(version(seen + 1, 1), '')).toBe('ok');
    expect(await steps.read()).toEqual({ term: 0, stored: null });
    await clock.advanceAsync(1);
    expect(await steps.read()).toEqual({ term: seen + 1, stored: version(seen + 1, 1) });
    link.close();
  });

  test('replaces a term of another type', async () => {
    await redis.command('LPUSH', term, 'x');
    expect(await lead(a, 1e12)).toBe(1e12 + 1);
  });

  test('answers no document that is too long, or none', async () => {
    await lead(a);
    await redis.command('HSET', term, 'epoch', '1900000000000', 'seq', '1');
    await redis.command('SET', document, 'x'.repeat(MAX_DOCUMENT_BYTES + 1));
    expect(await a.acquire(leaseRequest())).toMatchObject({ stored: null });
    await redis.command('SET', document, 'x'.repeat(MAX_DOCUMENT_BYTES));
    expect(await a.acquire(leaseRequest())).toMatchObject({ stored: { seq: 1 } });
    await redis.command('DEL', document);
    await redis.command('HSET', document, 'x', 'y');
    expect(await a.acquire(leaseRequest())).toMatchObject({ taken: true, stored: null });
  });
});

describe('renew', () => {
  test('prolongs the lease and says what lies under the document’s key, and which position', async () => {
    const epoch = await lead(a);
    await redis.command('PEXPIRE', lease, '1000');
    expect(await a.renew(epoch, 5000)).toEqual({ type: 'none', bytes: 0, epoch: 0, seq: 0 });
    expect(await redis.command('GET', lease)).toBe('token-a');
    expect(Number(await redis.command('PTTL', lease))).toBeWithin(4000, 5001);
    await a.save({ epoch, seq: 1, json: '"é"' }, '');
    expect(await a.renew(epoch, 5000)).toEqual({ type: 'string', bytes: 4, epoch, seq: 1 });
    await redis.command('DEL', document);
    await redis.command('LPUSH', document, 'x');
    expect(await a.renew(epoch, 5000)).toEqual({ type: 'list', bytes: 0, epoch, seq: 1 });
    await redis.command('HSET', term, 'epoch', 'x', 'seq', '-1');
    expect(await a.renew(epoch, 5000)).toEqual({ type: 'list', bytes: 0, epoch: 0, seq: 0 });
  });

  test('refuses whoever does not hold the lease, or holds it in another term', async () => {
    const epoch = await lead(a);
    expect(await b.renew(epoch, 5000)).toBe('not_leader');
    expect(await a.renew(epoch - 1, 5000)).toBe('not_leader');
    await b.raise(version(epoch + 5, 1));
    expect(await a.renew(epoch, 5000)).toBe('not_leader');
    await redis.command('DEL', lease);
    expect(await a.renew(epoch + 5, 5000)).toBe('not_leader');
    await redis.command('DEL', term);
    await redis.command('SET', term, 'x');
    expect(await a.renew(epoch, 5000)).toBe('not_leader');
    await redis.command('DEL', lease);
    await redis.command('HSET', lease, 'x', 'y');
    expect(await a.renew(epoch, 5000)).toBe('not_leader');
  });
});

describe('release', () => {
  test('frees a lease of one’s own and says so; leaves another’s alone in silence', async () => {
    const { channel, heard } = listenTestNode(redis.url);
    await until(
      () => heard,
      (list) => list.includes(null),
    );
    const epoch = await lead(a);
    await b.release(epoch, 'by b');
    expect(await redis.command('EXISTS', lease)).toBe(1);
    await a.release(epoch, 'by a');
    expect(await redis.command('EXISTS', lease)).toBe(0);
    await until(
      () => heard,
      (list) => list.includes('by a'),
    );
    expect(heard).toEqual([null, 'by a']);
    await redis.command('SADD', lease, 'x');
    await a.release(epoch, 'of another type');
    expect(await redis.command('EXISTS', lease)).toBe(1);
    await channel.close();
  });

  test('that comes late leaves alone the term that the same node has begun since', async () => {
    const earlier = await lead(a);
    await lead(a);
    await a.release(earlier, '');
    expect(await redis.command('GET', lease)).toBe('token-a');
    await redis.command('DEL', term);
    await redis.command('SET', term, 'of another type');
    await a.release(earlier, '');
    expect(await redis.command('GET', lease)).toBe('token-a');
  });
});
