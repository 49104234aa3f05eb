import { afterEach, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { until } from '../../e2e/until.ts';
import { type ConnectRedis, createConnectRedis, type RedisConnection } from './connect.ts';
import { createRedisChannel } from './redis-channel.ts';
import { STEP_TIMEOUT_MS } from './steps.ts';
import { createTestLog, TEST_KEYS } from './test-redis.ts';

const { updates } = TEST_KEYS;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A Redis that takes everybody in and, until it is told to, answers no subscription. */
function openSilentDoor() {
  let asked = 0;
  let isSilent = true;
  const door = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket, bytes) {
        const text = bytes.toString();
        const isSubscription = /\r\nsubscribe\r\n/i.test(text);
        if (isSubscription) asked += 1;
        if (!isSubscription) socket.write('+OK\r\n'.repeat(text.match(/^\*\d/gm)?.length ?? 0));
        else if (!isSilent) {
          socket.write(`*3\r\n$9\r\nsubscribe\r\n$${updates.length}\r\n${updates}\r\n:1\r\n`);
        }
      },
    },
  });
  ends.push(() => door.stop(true));
  return {
    url: `redis://127.0.0.1:${door.port}`,
    /** How many subscriptions it was asked for. */
    asked: () => asked,
    answer() {
      isSilent = false;
    },
  };
}

test('a channel gives its subscription no more time than a step has, then connects anew, ever less often', async () => {
  const door = openSilentDoor();
  const clock = createManualClock();
  const open = createConnectRedis(door.url, () => 1 - Number.EPSILON, clock);
  const connections: RedisConnection[] = [];
  const connect: ConnectRedis = (...args) => {
    const made = open(...args);
    connections.push(made);
    return made;
  };
  const channel = createRedisChannel({ connect, clock, log: createTestLog() }, updates);
  ends.push(channel.close);
  const heard: (string | null)[] = [];
  channel.subscribe((message) => void heard.push(message));
  const [connection] = connections;
  if (connection === undefined) throw new Error('no connection');
  for (const [tries, waitMs] of [100, 200, 400].entries()) {
    await until(door.asked, (count) => count === tries + 1);
    expect(connection.trouble()).toBeNull();
    clock.advance(STEP_TIMEOUT_MS - 1);
    expect(connection.trouble()).toBeNull();
    clock.advance(1);
    expect(connection.trouble()).toBe('the subscription was not answered');
    await until(
      () => connection.client().status,
      (status) => status === 'end',
    );
    // The end of a client is told a moment later.
    await new Promise(setImmediate);
    const ended = connection.client();
    clock.advance(waitMs - 1);
    expect(connection.client()).toBe(ended);
    if (tries === 2) door.answer();
    clock.advance(1);
    expect(connection.client()).not.toBe(ended);
  }
  await until(
    () => heard,
    (list) => list.length > 0,
  );
  clock.advance(STEP_TIMEOUT_MS);
  expect(connection.trouble()).toBeNull();
  expect([heard, door.asked()]).toEqual([[null], 4]);
});
