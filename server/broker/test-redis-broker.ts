/** Brokers on one real Redis, for tests: each with connections and a token of its own, as nodes have. */

import { type DashboardDocument, type Position, systemClock } from '../../contract/index.ts';
import { type RunningRedis, startRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import type { RedisChannel, RedisSteps, StoredJson } from '../redis/steps.ts';
import { connectTestNode, listenTestNode, TEST_KEYS } from '../redis/test-redis.ts';
import type { BrokerEvent, Version } from './broker.ts';
import { EMPTY, EPOCH, REFRESH_MS } from './broker-contract.ts';
import { createConditions } from './conditions.ts';
import { createRedisBroker } from './redis-broker.ts';

/** What may differ among the nodes of a test. */
export interface NodeOptions {
  readonly empty?: DashboardDocument;
  readonly stored?: StoredJson;
  readonly snapshotTtlS?: number;
  /** Puts something between the node and its Redis. */
  readonly wrap?: (
    steps: RedisSteps,
    channel: RedisChannel,
  ) => { readonly steps: RedisSteps; readonly channel: RedisChannel };
}

/** One Redis with nodes on it. */
export interface TestCluster {
  readonly redis: RunningRedis;
  /** A node that is subscribed and has read the key. */
  node(options?: NodeOptions): Promise<TestNode>;
  /** Gives a node the lease of a term, as `acquire` would. */
  lead(node: TestNode, epoch?: number): Promise<void>;
  /** Resolves when everything that was published before has arrived everywhere. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** A node of a test. */
export type TestNode = Awaited<ReturnType<typeof startNode>>;

/** A Redis of its own. */
export async function startTestCluster(): Promise<TestCluster> {
  const redis = await startRedis();
  const nodes: TestNode[] = [];
  let started = 0;
  let marks = 0;
  return {
    redis,
    async node(options = {}) {
      const node = await startNode(redis, `token-${started++}`, options);
      nodes.push(node);
      return node;
    },
    async lead({ token }, epoch = EPOCH) {
      await redis.command('SET', TEST_KEYS.lease, token, 'PX', '60000');
      await redis.command('HSET', TEST_KEYS.term, 'term', String(epoch));
    },
    async settle() {
      const mark = `mark ${marks++}`;
      await redis.command('PUBLISH', TEST_KEYS.updates, mark);
      for (const { heard } of nodes) await until(() => heard.includes(mark), Boolean);
    },
    async stop() {
      for (const node of nodes) await node.stop();
      await redis.stop();
    },
  };
}

async function startNode(redis: RunningRedis, token: string, options: NodeOptions) {
  const { empty = EMPTY, stored = null, snapshotTtlS = 3600 } = options;
  const { link, steps: plainSteps } = connectTestNode(redis.url, token, snapshotTtlS);
  const { channel: plainChannel, heard } = listenTestNode(redis.url);
  const wrap = options.wrap ?? ((steps, channel) => ({ steps, channel }));
  const { steps, channel } = wrap(plainSteps, plainChannel);
  const conditions = createConditions();
  const lines: string[] = [];
  const write = (_fields: object, message: string) => void lines.push(message);
  const log = { debug: () => {}, warn: write, error: write };
  const broker = createRedisBroker(
    { steps, channel, presence: link, clock: systemClock, log, conditions },
    { empty, refreshMinIntervalMs: REFRESH_MS, snapshotTtlS, stored },
  );
  const events: BrokerEvent[] = [];
  broker.subscribe((event) => void events.push(event));
  // Both connections stand, and the word of the subscription made the broker read.
  await until(() => heard.includes(null), Boolean);
  await until(() => steps.read().catch(() => null), Boolean);
  return {
    token,
    broker,
    conditions,
    steps: plainSteps,
    events,
    /** What was warned of. */
    lines,
    /** What came over the channel. */
    heard,
    versions: () => events.flatMap((event) => (event.type === 'version' ? [event] : [])),
    async stop() {
      await broker.close();
      await plainChannel.close();
      link.close();
    },
  };
}

/** Resolves when a node holds a position. */
export const holds = (node: TestNode, { epoch, seq }: Position): Promise<Version> =>
  until(
    () => node.broker.held(),
    (held) => held.epoch === epoch && held.seq === seq,
  );
