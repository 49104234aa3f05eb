import { afterEach, describe, expect, test } from 'bun:test';
import { type RunningRedis, startRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import type { RedisSteps } from './steps.ts';
import { connectTestNode, lead, leaseRequest, TEST_KEYS, version } from './test-redis.ts';

const { document, term, lease } = TEST_KEYS;

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function join(redis: RunningRedis): Promise<RedisSteps> {
  const { link, steps } = connectTestNode(redis.url, 'token-a');
  ends.push(link.close);
  await until(() => steps.read().catch(() => null), Boolean);
  return steps;
}
async function start(options: Parameters<typeof startRedis>[0] = {}): Promise<RunningRedis> {
  const redis = await startRedis(options);
  ends.push(redis.stop);
  return redis;
}

describe('a Redis that is read and not written to', () => {
  test('answers the release of a lease, which proves nothing', async () => {
    const redis = await start({ maxMemory: '64mb' });
    const { link, steps } = connectTestNode(redis.url, 'token-a');
    ends.push(link.close);
    await until(() => steps.read().catch(() => null), Boolean);
    const epoch = await lead(steps);
    const answeredAtMs = link.answeredAtMs();
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await steps.release(epoch, '');
    expect(await redis.command('EXISTS', lease)).toBe(0);
    expect(link.answeredAtMs()).toBe(answeredAtMs);
  });

  test.each([
    // Far below what a Redis needs for itself: nothing more is taken in.
    ['is full', 'maxmemory', '1', 'OOM'],
    ['misses its replicas', 'min-replicas-to-write', '1', 'NOREPLICAS'],
  ])(
    'that %s answers no step that writes, and the lease runs out',
    async (_, name, value, word) => {
      const redis = await start({ maxMemory: '64mb' });
      const steps = await join(redis);
      const epoch = await lead(steps);
      await steps.save(version(epoch, 1), '');
      expect(await steps.renew(epoch, 1000)).toMatchObject({ type: 'string' });
      await redis.command('CONFIG', 'SET', name, value);
      const bigger = { epoch, seq: 2, json: 'x'.repeat(100_000) };
      const writing = [
        () => steps.save(bigger, ''),
        () => steps.touch(version(epoch, 1)),
        () => steps.renew(epoch, 60_000),
        () => steps.raise(version(epoch + 1, 1)),
        () => steps.acquire(leaseRequest()),
        () => steps.startRefreshInterval(1000),
        () => steps.claimRefresh(1000, 'claim'),
      ];
      for (const write of writing) await expect(write()).rejects.toThrow(word);
      // What cannot be saved leaves its position where it was.
      expect((await steps.read()).stored).toEqual(version(epoch, 1));
      await until(
        () => redis.command('EXISTS', lease),
        (count) => count === 0,
      );
      await redis.command('CONFIG', 'SET', name, '0');
      expect(await steps.save(bigger, '')).toBe('not_leader');
      const later = await lead(steps);
      expect(await steps.save({ ...bigger, epoch: later }, '')).toBe('ok');
      expect(Number(await redis.command('TTL', document))).toBeGreaterThan(0);
    },
  );
});

describe('a replica', () => {
  test('answers no step that writes, and is read', async () => {
    const master = await start();
    const onMaster = await join(master);
    const epoch = await lead(onMaster);
    await onMaster.save(version(epoch, 1), '');
    const replica = await start({ replicaOf: master.port });
    const steps = await join(replica);
    await until(
      () => steps.read().catch(() => null),
      (content) => content?.stored?.seq === 1,
    );
    const writing = [
      () => steps.acquire(leaseRequest()),
      () => steps.renew(epoch, 5000),
      () => steps.raise(version(epoch, 2)),
      () => steps.claimRefresh(1000, 'claim'),
      () => steps.save(version(epoch, 2), ''),
    ];
    for (const write of writing) {
      // Each refusal ends the connection: the next one may lead to the new master.
      await until(() => steps.read().catch(() => null), Boolean);
      expect(await write().catch((error: Error) => error.message)).toContain('READONLY');
    }
    expect(await onMaster.renew(epoch, 5000)).toMatchObject({ type: 'string' });
    expect(await master.command('GET', lease)).toBe('token-a');
  });
});

describe('a Redis that comes back', () => {
  test('knows the steps again after it was emptied or started anew', async () => {
    const redis = await start();
    const steps = await join(redis);
    const first = await lead(steps);
    await redis.command('SCRIPT', 'FLUSH');
    expect(await steps.save(version(first, 1), '')).toBe('ok');
    await redis.restart();
    await until(() => steps.read().catch(() => null), Boolean);
    expect(await steps.save(version(first, 2), '')).toBe('not_leader');
    const second = await lead(steps);
    expect(await redis.command('HGET', term, 'term')).toBe(String(second));
  });
});
