/** Everybody who is shown a document, under watch at once: a socket at every node, the channel, and the key in Redis. */

import { comparePositions, type Position } from '../../contract/index.ts';
import { createPositionBook } from '../position-book.ts';
import { type WatchedPositions, watchPositions } from '../watch-positions.ts';
import { type WatchedRedis, watchRedis } from '../watch-redis.ts';
import type { FaultScope } from './fault-case.ts';
import type { FaultStage } from './fault-stage.ts';

/** What is shown, under watch. */
export interface WatchedShown {
  /** One at every node, in their order. */
  readonly sockets: readonly WatchedPositions[];
  readonly redis: WatchedRedis;
  /** The key and its position, read in one step. `null` while nothing is stored. */
  key(): Promise<StoredKey | null>;
  /**
   * Has every socket that is connected compare what its patches led to with the whole document, and then judges all
   * that was seen: one sentence for each thing that must not be.
   */
  faults(): Promise<readonly string[]>;
  /** Patches that came so far, on all sockets. */
  patches(): number;
  /** What was seen so far, in numbers. */
  tally(): string;
}

/** What lies in Redis. */
export interface StoredKey extends Position {
  readonly json: string;
}

/** Between two looks at the key: it changes every two seconds. */
const LOOK_EVERY_MS = 50;

const READ_KEY = `local known = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
return { known[1], known[2], redis.call('GET', KEYS[2]) }`;

/** Watches until the case is over. */
export async function watchShown(
  scope: Pick<FaultScope, 'cleanUp'>,
  stage: Pick<FaultStage, 'nodes' | 'keys' | 'redis'>,
): Promise<WatchedShown> {
  const book = createPositionBook();
  const redis = await watchRedis(stage.redis, stage.keys);
  scope.cleanUp(() => redis.close());
  const sockets = await Promise.all(
    stage.nodes.map(async ({ server }) => {
      const socket = await watchPositions(server.socketUrl, book.note);
      scope.cleanUp(() => socket.close());
      return socket;
    }),
  );
  const key = () => readKey(stage);
  const keyWatch = watchKey(key, book.note);
  scope.cleanUp(keyWatch.stop);

  const count = (isWhole: boolean) =>
    sockets.flatMap(({ seen }) => seen.filter((one) => one.isWhole === isWhole)).length;

  return {
    sockets,
    redis,
    key,
    patches: () => count(false),
    async faults() {
      await Promise.all(sockets.map((socket) => socket.sync()));
      for (const { json, ...position } of redis.saves) book.note(position, JSON.parse(json));
      return [
        ...sockets.flatMap(({ faults }, index) => faults.map((what) => `node ${index}: ${what}`)),
        ...sockets.flatMap((socket, index) =>
          socket.stepsBack() === 0 ? [] : [`node ${index}: a new connection began further back`],
        ),
        ...redis.faults.map((what) => `channel: ${what}`),
        ...keyWatch.faults.map((what) => `key: ${what}`),
        ...book.doubled().map((position) => `two documents at ${position}`),
        ...redis.withoutTtl.slice(0, 1).map(() => 'the key had no time to live'),
      ];
    },
    tally: () =>
      [
        `${book.size()} positions`,
        `${count(true)} whole documents and ${count(false)} patches on ${sockets.length} sockets`,
        `${redis.saves.length} saves`,
      ].join(', '),
  };
}

async function readKey({
  redis,
  keys,
}: Pick<FaultStage, 'redis' | 'keys'>): Promise<StoredKey | null> {
  const reply = await redis.command('EVAL', READ_KEY, '2', keys.term, keys.document);
  if (!Array.isArray(reply)) throw new Error('the key was not read');
  const [epoch, seq, json] = reply;
  return epoch === null || json === null
    ? null
    : { epoch: Number(epoch), seq: Number(seq), json: String(json) };
}

/** Looks at the key; while Redis does not answer there is nothing to be seen. */
function watchKey(
  read: () => Promise<StoredKey | null>,
  note: (position: Position, document: unknown) => void,
) {
  const faults: string[] = [];
  let last: StoredKey | null = null;
  let isStopped = false;
  const look = async () => {
    const stored = await read().catch(() => null);
    if (stored === null) return;
    note(stored, JSON.parse(stored.json));
    if (last !== null && comparePositions(stored, last) < 0) {
      faults.push(`back: ${last.epoch}-${last.seq} → ${stored.epoch}-${stored.seq}`);
    }
    last = stored;
  };
  const run = async () => {
    while (!isStopped) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const ended = run();
  return {
    faults,
    async stop() {
      isStopped = true;
      await ended;
    },
  };
}
