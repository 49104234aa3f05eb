import { afterEach, describe, expect, test } from 'bun:test';
import { systemClock } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { type RunningRedis, startRedis } from '../../e2e/start-redis.ts';
import { startTcpProxy } from '../../e2e/tcp-proxy.ts';
import { until } from '../../e2e/until.ts';
import { type ConnectRedis, createConnectRedis, type RedisConnection } from './connect.ts';
import { createRedisChannel, DEAF_AFTER_MS } from './redis-channel.ts';
import { createTestLog, TEST_KEYS } from './test-redis.ts';

const { updates } = TEST_KEYS;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(): Promise<RunningRedis> {
  const redis = await startRedis();
  ends.push(redis.stop);
  return redis;
}
/** Hears from the moment on at which the subscription stands. */
async function listen(url: string, clock = systemClock) {
  const open = createConnectRedis(url, Math.random, systemClock);
  const connections: RedisConnection[] = [];
  const connect: ConnectRedis = (...args) => {
    const made = open(...args);
    connections.push(made);
    return made;
  };
  const log = createTestLog();
  const channel = createRedisChannel({ connect, clock, log }, updates);
  ends.push(channel.close);
  const [connection] = connections;
  if (connection === undefined || connections.length > 1) throw new Error('not one connection');
  const heard: (string | null)[] = [];
  const leave = channel.subscribe((message) => void heard.push(message));
  await until(
    () => heard,
    (list) => list.length === 1,
  );
  return { heard, log, leave, connection };
}
const countOf = async (redis: RunningRedis): Promise<number> => {
  const answer = await redis.command('PUBSUB', 'NUMSUB', updates);
  return Array.isArray(answer) ? Number(answer[1]) : 0;
};
/** For what is to happen within a few seconds. */
const SOON_MS = 9000;

describe('a channel', () => {
  test('says that messages may have been missed, then hears every one, in order', async () => {
    const redis = await start();
    const { heard, leave } = await listen(redis.url);
    expect(heard).toEqual([null]);
    const messages = ['{"type":"heartbeat"}', 'é', 'x'.repeat(200_000), '4'];
    for (const message of messages) await redis.command('PUBLISH', updates, message);
    await redis.command('PUBLISH', `${updates}:other`, 'not ours');
    await until(
      () => heard,
      (list) => list.at(-1) === '4',
    );
    expect(heard).toEqual([null, ...messages]);
    leave();
    await redis.command('PUBLISH', updates, 'nobody listens');
    expect(heard).toHaveLength(1 + messages.length);
  });

  test('is one subscriber again after its connection was cut, and says so', async () => {
    const redis = await start();
    const { heard } = await listen(redis.url);
    expect(await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1);
    await until(
      () => heard,
      (list) => list.length === 2,
      SOON_MS,
    );
    expect(await countOf(redis)).toBe(1);
    await redis.command('PUBLISH', updates, 'again');
    await until(
      () => heard,
      (list) => list.at(-1) === 'again',
    );
    expect(heard).toEqual([null, null, 'again']);
  });

  test('is one subscriber after a storm of cuts', async () => {
    const redis = await start();
    const { heard } = await listen(redis.url);
    for (let count = 0; count < 40; count++) {
      await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await redis.command('CLIENT', 'KILL', 'TYPE', 'normal');
    }
    await until(
      () => countOf(redis),
      (count) => count === 1,
      SOON_MS,
    );
    await until(
      () => heard,
      (list) => list.length > 1,
    );
    heard.length = 0;
    await redis.command('PUBLISH', updates, 'once');
    await redis.command('PUBLISH', updates, 'last');
    await until(
      () => heard,
      (list) => list.at(-1) === 'last',
    );
    expect(heard.filter((message) => message === 'once')).toHaveLength(1);
    expect(await countOf(redis)).toBe(1);
  });

  test('is made anew when Redis is, with or without its data', async () => {
    const redis = await start();
    const { heard } = await listen(redis.url);
    await redis.kill();
    await redis.restart();
    await until(
      () => heard,
      (list) => list.length === 2,
      SOON_MS,
    );
    expect(await countOf(redis)).toBe(1);
  });

  test('leaves a connection that has fallen silent within 15 s, and hears on another', async () => {
    const redis = await start();
    const proxy = await startTcpProxy(redis.port);
    ends.push(proxy.stop);
    const clock = createManualClock();
    const { heard, log } = await listen(proxy.url('redis'), clock);
    const [silent] = proxy.connections();
    proxy.freeze({ only: ({ id }) => id === silent?.id });
    await redis.command('PUBLISH', updates, 'lost');
    // Within that time: the looks are a second apart.
    expect(DEAF_AFTER_MS).toBeLessThanOrEqual(13_000);
    clock.advance(DEAF_AFTER_MS - 1);
    expect(heard).toEqual([null]);
    clock.advance(1001);
    // What was missed is read at once, and again when the subscription stands.
    expect(heard).toEqual([null, null]);
    await until(
      () => heard,
      (list) => list.length === 3,
      SOON_MS,
    );
    await redis.command('PUBLISH', updates, 'heard');
    await until(
      () => heard,
      (list) => list.at(-1) === 'heard',
    );
    expect(heard).toEqual([null, null, null, 'heard']);
    expect(log.lines).toHaveLength(1);
    // The old connection may say what it kept back: it is not listened to any more.
    proxy.thaw();
    await until(
      () => countOf(redis),
      (count) => count === 1,
      SOON_MS,
    );
    await redis.command('PUBLISH', updates, 'once');
    await until(
      () => heard,
      (list) => list.at(-1) === 'once',
    );
    expect(heard).toEqual([null, null, null, 'heard', 'once']);
  });

  test('stays while it hears something every few seconds', async () => {
    const redis = await start();
    const clock = createManualClock();
    const { heard, log } = await listen(redis.url, clock);
    for (let beat = 1; beat <= 6; beat++) {
      await redis.command('PUBLISH', updates, String(beat));
      await until(
        () => heard,
        (list) => list.at(-1) === String(beat),
      );
      clock.advance(5000);
    }
    expect(heard).toEqual([null, '1', '2', '3', '4', '5', '6']);
    expect(log.lines).toEqual([]);
  });

  test('lets what was missed be read every few seconds while there is no Redis, without a word', async () => {
    const redis = await start();
    const clock = createManualClock();
    const { heard, log, connection } = await listen(redis.url, clock);
    await redis.kill();
    await until(connection.trouble, (trouble) => trouble !== null);
    clock.advance(60_000);
    expect(heard).toEqual([null, null, null, null, null, null]);
    expect(log.lines).toEqual([]);
  });

  test('that Redis refuses says so with its words, and is heard once it may', async () => {
    const redis = await start();
    await redis.command('ACL', 'SETUSER', 'app', 'on', '>secret', 'allcommands', 'allkeys');
    const connect = createConnectRedis(
      redis.url.replace('redis://', 'redis://app:secret@'),
      Math.random,
      systemClock,
    );
    const log = createTestLog();
    const clock = createManualClock();
    const channel = createRedisChannel({ connect, clock, log }, updates);
    ends.push(channel.close);
    const heard: (string | null)[] = [];
    channel.subscribe((message) => void heard.push(message));
    await until(
      () => log.lines,
      (lines) => lines.length === 1,
    );
    expect(log.lines[0]).toMatch(/could not subscribe to the channel .*NOPERM/);
    expect(log.lines[0]).not.toContain('secret');
    await redis.command('ACL', 'SETUSER', 'app', 'allchannels');
    clock.advance(DEAF_AFTER_MS + 1000);
    await until(
      () => countOf(redis),
      (count) => count === 1,
      SOON_MS,
    );
    await redis.command('PUBLISH', updates, 'heard');
    await until(
      () => heard,
      (list) => list.at(-1) === 'heard',
    );
    expect(heard).toEqual([null, null, 'heard']);
  });
});
