/** What the nodes leave in Redis, under watch: every save that was accepted, every heartbeat, and the key's time to live. */

import { comparePositions, type Position } from '../contract/index.ts';
import type { NodeKeys } from './start-nodes.ts';
import type { RunningRedis } from './start-redis.ts';
import { subscribeToRedis } from './subscribe-to-redis.ts';
import { until } from './until.ts';

/** A version that Redis accepted and told everybody. */
export interface SeenSave extends Position {
  /** The document's JSON. */
  readonly json: string;
  /** `performance.now()` at receipt. */
  readonly atMs: number;
}

/** A heartbeat of the leader. */
export interface SeenHeartbeat extends Position {
  readonly nodes: number;
  readonly atMs: number;
}

/** A Redis under watch. */
export interface WatchedRedis {
  /** In order; what was said while Redis was away is not among them. */
  readonly saves: readonly SeenSave[];
  readonly heartbeats: readonly SeenHeartbeat[];
  /** One sentence for every save that is not newer than the one before, or says something else at its position. */
  readonly faults: readonly string[];
  /** When the document's key was there without a time to live, `performance.now()`. */
  readonly withoutTtl: readonly number[];
  /** How many nodes listen to the channel. */
  listeners(): Promise<number>;
  close(): Promise<void>;
}

/** Between two looks at the key. */
const LOOK_EVERY_MS = 50;
/** Of each kind; a case sees a few hundred. */
const MAX_SEEN = 20_000;

/**
 * Resolves when the watch hears the channel.
 * @param redis not behind a proxy: what is done to the nodes is not to be done to the watch
 */
export async function watchRedis(
  redis: Pick<RunningRedis, 'url' | 'command'>,
  keys: NodeKeys,
): Promise<WatchedRedis> {
  const record = createSaveRecord();
  const withoutTtl: number[] = [];
  const subscription = subscribeToRedis(redis.url, keys.updates, (text) =>
    record.take(text, performance.now()),
  );
  let isClosed = false;
  const look = async () => {
    while (!isClosed) {
      const ttl = await redis.command('PTTL', keys.document).catch(() => null);
      if (ttl === -1 && withoutTtl.length < MAX_SEEN) withoutTtl.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const looking = look();
  const close = async () => {
    isClosed = true;
    subscription.close();
    await looking;
  };
  await until(subscription.isHeard, (isHeard) => isHeard).catch(async (error) => {
    await close();
    throw error;
  });
  const { saves, heartbeats, faults } = record;
  return {
    saves,
    heartbeats,
    faults,
    withoutTtl,
    async listeners() {
      const reply = await redis.command('PUBSUB', 'NUMSUB', keys.updates);
      return Array.isArray(reply) ? Number(reply[1]) : Number.NaN;
    },
    close,
  };
}

/** What was said on the channel, and what was wrong with it. */
export function createSaveRecord() {
  const saves: SeenSave[] = [];
  const heartbeats: SeenHeartbeat[] = [];
  const faults: string[] = [];
  const save = (next: SeenSave) => {
    const last = saves.at(-1);
    const order = last === undefined ? 1 : comparePositions(next, last);
    const name = `${next.epoch}-${next.seq}`;
    if (order < 0) faults.push(`${name} after ${last?.epoch}-${last?.seq}`);
    const same = saves.find((seen) => comparePositions(seen, next) === 0);
    if (same !== undefined) {
      faults.push(`${name} twice, ${same.json === next.json ? 'the same' : 'with two documents'}`);
    }
    saves.push(next);
    if (saves.length > MAX_SEEN) saves.shift();
  };
  return {
    saves,
    heartbeats,
    faults,
    /** A message as it came. */
    take(text: string, atMs: number) {
      const message: Readonly<Record<string, unknown>> = JSON.parse(text);
      const { type, document, nodes } = message;
      const position = { epoch: Number(message.epoch), seq: Number(message.seq), atMs };
      if (type === 'version') save({ ...position, json: JSON.stringify(document) });
      if (type === 'heartbeat') heartbeats.push({ ...position, nodes: Number(nodes) });
      if (heartbeats.length > MAX_SEEN) heartbeats.shift();
    },
  };
}
