import { describe, expect, test } from 'bun:test';
import { startSimulator } from '../../simulator/launch.ts';
import { startNodes } from '../start-nodes.ts';
import { startRedis } from '../start-redis.ts';
import { subscribeToRedis } from '../subscribe-to-redis.ts';
import { until } from '../until.ts';
import { createSaveRecord, watchRedis } from '../watch-redis.ts';

const version = (epoch: number, seq: number, document: object) =>
  JSON.stringify({ type: 'version', epoch, seq, patch: null, document, whole: true });

/** What is found wrong with versions in this order. */
function faultsOf(...messages: readonly string[]) {
  const record = createSaveRecord();
  for (const message of messages) record.take(message, 0);
  return record.faults;
}

describe('the watch over what is saved', () => {
  test('finds nothing wrong with versions in order', () => {
    const lines = [version(7, 1, {}), version(7, 2, { a: 1 }), version(9, 1, {})];
    expect(faultsOf(...lines, '{"type":"lease_free"}', version(9, 3, {}))).toEqual([]);
  });

  test('finds an older one, and two of one position', () => {
    expect(faultsOf(version(7, 2, {}), version(7, 1, {}))).toEqual(['7-1 after 7-2']);
    expect(faultsOf(version(7, 1, {}), version(7, 1, {}))).toEqual(['7-1 twice, the same']);
    expect(faultsOf(version(7, 1, {}), version(7, 1, { a: 1 }))).toEqual([
      '7-1 twice, with two documents',
    ]);
  });
});

test('a subscription is there again when Redis is, and says so', async () => {
  const redis = await startRedis({ password: 'p w' });
  const heard: string[] = [];
  const subscription = subscribeToRedis(redis.url, 'ch', (message) => heard.push(message));
  const publish = async (text: string) => {
    await until(subscription.isHeard, (isHeard) => isHeard);
    await redis.command('PUBLISH', 'ch', text);
    await until(
      () => heard.at(-1),
      (last) => last === text,
    );
  };
  try {
    await publish('one €');
    await redis.kill();
    await until(subscription.isHeard, (isHeard) => !isHeard);
    await redis.restart();
    await publish('x'.repeat(200_000));
    expect(heard.map(({ length }) => length)).toEqual([5, 200_000]);
  } finally {
    subscription.close();
    await redis.stop();
  }
});

test('a watch over nodes sees their saves, their heartbeats, their ears and a key without end', async () => {
  const [simulator, redis] = await Promise.all([startSimulator({ seed: 4 }), startRedis()]);
  const group = await startNodes({
    count: 2,
    simulator,
    redis,
    environment: { FETCH_INTERVAL_SECONDS: '1' },
  });
  try {
    const watched = await watchRedis(redis, group.keys);
    const saves = () => watched.saves.length;
    await until(saves, (count) => count >= 2);
    await until(
      () => watched.heartbeats.at(-1)?.nodes,
      // The watch listens as well, uncounted.
      (nodes) => nodes === 2,
    );
    expect(await watched.listeners()).toBe(2);
    const [first] = watched.saves;
    expect(JSON.parse(first?.json ?? '').simulated).toBe(true);
    expect(watched.faults).toEqual([]);
    expect(watched.withoutTtl).toEqual([]);
    await redis.command('PERSIST', group.keys.document);
    await until(
      () => watched.withoutTtl.length,
      (count) => count > 0,
    );
    await watched.close();
  } finally {
    await group.end();
    await redis.stop();
    await simulator.stop();
  }
});
