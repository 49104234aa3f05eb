/** One node's side of a real Redis, for tests. */

import { type Clock, systemClock } from '../../contract/index.ts';
import { startRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import { createConnectRedis } from './connect.ts';
import { redisKeys } from './keys.ts';
import { createRedisChannel } from './redis-channel.ts';
import { createRedisLink } from './redis-link.ts';
import { createRedisSteps } from './redis-steps.ts';
import type { RedisSteps, StoredJson } from './steps.ts';

/** The names all nodes of a test use. */
export const TEST_KEYS = redisKeys('test');

/** Writes down what is logged. */
export function createTestLog() {
  const lines: string[] = [];
  const write = (fields: object, message: string) =>
    void lines.push(`${message} ${JSON.stringify(fields, plainErrors)}`);
  return { lines, info: write, warn: write };
}

/** As pino does: an error's words and whatever else hangs on it. */
const plainErrors = (_: string, value: unknown): unknown =>
  value instanceof Error ? { ...value, message: value.message } : value;

/**
 * A link and the steps over it.
 * @param clock judges epochs that lie in Redis
 */
export function connectTestNode(
  url: string,
  token: string,
  snapshotTtlS = 3600,
  clock: Pick<Clock, 'now'> = systemClock,
) {
  const connect = createConnectRedis(url, Math.random, systemClock);
  const log = createTestLog();
  const link = createRedisLink({ connect, clock: systemClock, log });
  const steps = createRedisSteps(link, {
    keys: TEST_KEYS,
    token,
    snapshotTtlS,
    clock,
  });
  return { connect, link, steps, log, token };
}

/** A channel, and what it has heard. */
export function listenTestNode(url: string) {
  const log = createTestLog();
  const connect = createConnectRedis(url, Math.random, systemClock);
  const channel = createRedisChannel({ connect, clock: systemClock, log }, TEST_KEYS.updates);
  const heard: (string | null)[] = [];
  channel.subscribe((message) => void heard.push(message));
  return { channel, heard, log };
}

/** A request for the lease by a node whose clock shows `nowMs`. */
export const leaseRequest = (nowMs = Date.now(), seenEpoch = 0) => ({
  ttlMs: 5000,
  nowMs,
  seenEpoch,
  addition: 1,
});

/** A version whose document says which it is. */
export const version = (epoch: number, seq: number): StoredJson => ({
  epoch,
  seq,
  json: JSON.stringify({ epoch, seq }),
});

/** A Redis of its own, and two nodes on it. */
export async function startPair(snapshotTtlS: number) {
  const redis = await startRedis();
  const nodeA = connectTestNode(redis.url, 'token-a', snapshotTtlS);
  const nodeB = connectTestNode(redis.url, 'token-b', snapshotTtlS);
  for (const { steps } of [nodeA, nodeB])
    await until(() => steps.read().catch(() => null), Boolean);
  return {
    redis,
    a: nodeA.steps,
    b: nodeB.steps,
    async stop() {
      nodeA.link.close();
      nodeB.link.close();
      await redis.stop();
    },
  };
}

/** @returns the epoch of the term that `steps` began */
export async function lead(steps: RedisSteps, nowMs?: number): Promise<number> {
  const answer = await steps.acquire(leaseRequest(nowMs));
  if (!answer.taken) throw new Error('another node leads');
  return answer.epoch;
}
