import { afterEach, describe, expect, test } from 'bun:test';
import { systemClock } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { type RunningRedis, startRedis } from '../../e2e/start-redis.ts';
import { startTcpProxy } from '../../e2e/tcp-proxy.ts';
import { until } from '../../e2e/until.ts';
import { createConnectRedis } from './connect.ts';
import { createRedisLink } from './redis-link.ts';
import { type AcquireAnswer, NoAnswerError, STEP_TIMEOUT_MS } from './steps.ts';
import { connectTestNode, createTestLog, leaseRequest, version } from './test-redis.ts';

const HELD = version(1_800_000_000_000, 1);

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(): Promise<RunningRedis> {
  const redis = await startRedis();
  ends.push(redis.stop);
  return redis;
}
async function join(url: string) {
  const node = connectTestNode(url, 'token-a');
  const told: (boolean | 'connected')[] = [];
  node.link.onAway((isAway) => void told.push(isAway));
  node.link.onConnected(() => void told.push('connected'));
  ends.push(node.link.close);
  await until(() => node.steps.read().catch(() => null), Boolean);
  const write = () => node.steps.raise(HELD).then(() => true);
  return { ...node, told, write };
}
/** How long a step takes that fails, and with which words. */
async function failingStep(step: () => Promise<unknown>) {
  const begun = performance.now();
  const reason = await step().then(
    () => null,
    (error: Error) => error.message,
  );
  return { reason, tookMs: performance.now() - begun };
}
/** For what is to happen within a few seconds. */
const SOON_MS = 9000;

describe('a link', () => {
  test('gives a frozen Redis 1.5 s for a step, then says so', async () => {
    const redis = await start();
    const { steps } = await join(redis.url);
    redis.signal('SIGSTOP');
    const { reason, tookMs } = await failingStep(steps.read);
    expect(reason).toBe('Redis gave no answer in 1500 ms');
    expect(tookMs).toBeWithin(STEP_TIMEOUT_MS - 50, STEP_TIMEOUT_MS + 500);
  });

  test('tells when Redis goes away, and once, and when it is back', async () => {
    const redis = await start();
    const { link, told, log, write } = await join(redis.url);
    expect(told).toEqual(['connected']);
    await write();
    const answeredAtMs = link.answeredAtMs();
    expect(systemClock.monotonic() - answeredAtMs).toBeWithin(0, 1000);
    redis.signal('SIGSTOP');
    for (let count = 0; count < 4; count++) await failingStep(write);
    expect(told).toEqual(['connected', true]);
    expect(link.answeredAtMs()).toBe(answeredAtMs);
    redis.signal('SIGCONT');
    await until(() => write().catch(() => null), Boolean, SOON_MS);
    expect(told.filter((what) => what !== 'connected')).toEqual([true, false]);
    expect(link.answeredAtMs()).toBeGreaterThan(answeredAtMs);
    expect(log.lines).toEqual([
      expect.stringMatching(/^Redis cannot be used.* \{"reason":"[^"]+"\}$/),
      'Redis can be used again. {}',
    ]);
  });

  test.each([
    ['is full', 'maxmemory', '1', 'OOM'],
    ['misses its replicas', 'min-replicas-to-write', '1', 'NOREPLICAS'],
  ])('takes a Redis for away that %s, whatever it still answers', async (_, name, value, word) => {
    const redis = await start();
    const { link, steps, told, log, write } = await join(redis.url);
    await write();
    const answeredAtMs = link.answeredAtMs();
    await redis.command('CONFIG', 'SET', name, value);
    const untilMs = systemClock.monotonic() + 3000;
    while (systemClock.monotonic() < untilMs) {
      expect((await failingStep(write)).reason).toStartWith(word);
      await steps.read();
      await steps.countNodes();
      await steps.publish('said');
      expect(await steps.touch(HELD)).toBeFalse();
      await Bun.sleep(50);
    }
    expect(link.answeredAtMs()).toBe(answeredAtMs);
    expect(told).toEqual(['connected', true]);
    await redis.command('CONFIG', 'SET', name, '0');
    await steps.read();
    expect(told).toEqual(['connected', true]);
    await write();
    expect(told).toEqual(['connected', true, false]);
    expect(log.lines).toHaveLength(2);
    expect(log.lines[0]).toContain(word);
  });

  test('makes no news of one step that fails', async () => {
    const redis = await start();
    const { steps, link, told } = await join(redis.url);
    await redis.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await until(
      () => link.answeredAtMs(),
      () => told.length > 1,
      SOON_MS,
    );
    await steps.read();
    expect(told).toEqual(['connected', 'connected']);
  });

  test('counts from the first step that fails, however long nothing was asked before', async () => {
    const redis = await start();
    const clock = createManualClock();
    const log = createTestLog();
    const connect = createConnectRedis(redis.url, Math.random, systemClock);
    const link = createRedisLink({ connect, clock, log });
    ends.push(link.close);
    const told: boolean[] = [];
    link.onAway((isAway) => void told.push(isAway));
    const fails = () => link.write(() => Promise.reject(new Error('gone'))).catch(() => null);
    const answers = () => link.write(async () => 1);
    await answers();
    clock.advance(9000);
    await fails();
    expect(told).toEqual([]);
    clock.advance(1000);
    await fails();
    await answers();
    clock.advance(1500);
    await fails();
    // A Redis that is full is read from as ever.
    await link.read(async () => 1);
    clock.advance(1999);
    await fails();
    expect(told).toEqual([]);
    clock.advance(1);
    await fails();
    expect(told).toEqual([true]);
    await answers();
    expect(told).toEqual([true, false]);
  });

  test('is no news while it answers every other reading', async () => {
    const redis = await start();
    const clock = createManualClock();
    const connect = createConnectRedis(redis.url, Math.random, systemClock);
    const link = createRedisLink({ connect, clock, log: createTestLog() });
    ends.push(link.close);
    const told: boolean[] = [];
    link.onAway((isAway) => void told.push(isAway));
    for (let reading = 0; reading < 5; reading++) {
      await link.read(() => Promise.reject(new Error('gone'))).catch(() => null);
      clock.advance(1000);
      await link.read(async () => 1);
      clock.advance(1000);
    }
    expect(told).toEqual([]);
  });

  test('tells within four seconds of a frozen Redis, though nothing was asked for long', async () => {
    const redis = await start();
    const { link, told, write } = await join(redis.url);
    await write();
    await until(
      () => systemClock.monotonic() - link.answeredAtMs(),
      (ms) => ms > 2500,
    );
    redis.signal('SIGSTOP');
    const begun = performance.now();
    await failingStep(write);
    expect(told).toEqual(['connected']);
    await failingStep(write);
    expect(told).toEqual(['connected', true]);
    expect(performance.now() - begun).toBeLessThan(4000);
  });

  test('fails at once while there is no Redis, and connects when one is there', async () => {
    const redis = await start();
    const { steps, told } = await join(redis.url);
    await redis.kill();
    await until(
      () => failingStep(steps.read),
      ({ reason }) => /ECONNREFUSED|connect/.test(reason ?? ''),
    );
    expect((await failingStep(steps.read)).tookMs).toBeLessThan(200);
    await redis.restart();
    await until(
      () => told.filter((what) => what === 'connected').length,
      (count) => count === 2,
      SOON_MS,
    );
    expect(await steps.read()).toEqual({ term: 0, stored: null });
  });

  test('leaves a connection on which nothing is answered any more', async () => {
    const redis = await start();
    const proxy = await startTcpProxy(redis.port);
    ends.push(proxy.stop);
    const { steps, told } = await join(proxy.url('redis'));
    const [dead] = proxy.connections();
    proxy.freeze({ only: ({ id }) => id === dead?.id });
    const begun = performance.now();
    await until(() => steps.read().catch(() => null), Boolean, 15_000);
    // The deadline of the connection is three seconds.
    expect(performance.now() - begun).toBeLessThan(SOON_MS);
    expect(told.filter((what) => what === 'connected')).toHaveLength(2);
  });

  test('tells an answer that comes after the deadline to whoever wants to hear it', async () => {
    const redis = await start();
    const proxy = await startTcpProxy(redis.port);
    ends.push(proxy.stop);
    const { link, steps } = await join(proxy.url('redis'));
    proxy.setDelayMs(850);
    const answeredAtMs = link.answeredAtMs();
    const late: string[] = [];
    const failure = await link
      .write(
        (client) => client.set('key', 'value'),
        (answer) => late.push(answer),
      )
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NoAnswerError);
    expect(late).toEqual([]);
    await until(
      () => late,
      (answers) => answers.length > 0,
    );
    expect(late).toEqual(['OK']);
    // No step can be worked with that way.
    expect(link.answeredAtMs()).toBe(answeredAtMs);

    const acquired: AcquireAnswer[] = [];
    const refused = await steps
      .acquire(leaseRequest(), (answer) => acquired.push(answer))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NoAnswerError);
    await until(
      () => acquired,
      (answers) => answers.length > 0,
    );
    expect(acquired).toEqual([{ taken: true, epoch: expect.any(Number), stored: null }]);
  });

  test('waits for a Redis far away', async () => {
    const redis = await start();
    const proxy = await startTcpProxy(redis.port);
    ends.push(proxy.stop);
    const { steps, told } = await join(proxy.url('redis'));
    proxy.setDelayMs(400);
    await steps.raise(HELD);
    expect((await steps.read()).stored).toEqual(HELD);
    expect(told).toEqual(['connected']);
  });
});
