/** Nodes that share their history through a Redis that is played, for tests. */

import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import type { HistorySteps, ReplacingChunk } from '../redis/steps.ts';
import type { CandleRow, SampleRow } from '../store/history-rows.ts';
import { createHistorySync, type HistorySync } from './history-sync.ts';
import { type KeptRows, openKeptRows } from './test-kept-rows.ts';
import { TIERS } from './tiers.ts';

/** When the tests begin: a moment in the middle of an interval of each length, seconds since 1970. */
export const START_S = Date.UTC(2026, 10, 23, 7, 32, 30) / 1000;

/** What lies in the played Redis, and what was done to it. */
export interface PlayedRedis {
  readonly chunks: Map<string, { readonly digest: string; readonly json: string }>;
  /** Reads of the index. */
  looks: number;
  /** Names of chunks that were read. */
  readonly read: string[];
  /** Each step that wrote. */
  readonly written: { names: string[]; bytes: number; removed: readonly string[]; ttlS: number }[];
  /** What every step waits for before it is executed. */
  delay: () => Promise<void>;
  readonly steps: HistorySteps;
}

/** An empty one that answers at once. */
export function playRedis(): PlayedRedis {
  const chunks: PlayedRedis['chunks'] = new Map();
  const redis: PlayedRedis = {
    chunks,
    looks: 0,
    read: [],
    written: [],
    delay: async () => {},
    steps: {
      async readHistoryIndex() {
        redis.looks += 1;
        await redis.delay();
        return new Map([...chunks].map(([name, { digest }]) => [name, digest]));
      },
      async readHistoryChunk(name) {
        redis.read.push(name);
        await redis.delay();
        return chunks.get(name)?.json ?? null;
      },
      async writeHistory(sent, removed, ttlS) {
        await redis.delay();
        const isLeft = ({ name, replaces, digest }: ReplacingChunk) =>
          ![undefined, replaces, digest].includes(chunks.get(name)?.digest);
        const left = sent.filter(isLeft).map(({ name }) => name);
        for (const { name, digest, json } of sent) {
          if (!left.includes(name)) chunks.set(name, { digest, json });
        }
        for (const name of removed) chunks.delete(name);
        const bytes = sent.reduce((sum, { json }) => sum + json.length, 0);
        redis.written.push({ names: sent.map(({ name }) => name), bytes, removed, ttlS });
        return left;
      },
    },
  };
  return redis;
}

/** A node of a test. */
export interface HistoryNode {
  readonly rows: KeptRows;
  isLeader: boolean;
  readonly sync: HistorySync;
  readonly lines: readonly string[];
  /** Redis went away, or is back. */
  away(isAway: boolean): void;
  /** A connection was made. */
  connected(): void;
}

/** How a node is started. */
export interface HistoryNodeOptions {
  readonly isLeader?: boolean;
  readonly coins?: readonly string[];
  readonly steps?: HistorySteps;
  /** Its own. */
  readonly clock?: ManualClock;
}

/** Nodes on one played Redis and one clock. */
export function startHistoryNodes() {
  const clock = createManualClock(START_S * 1000);
  const redis = playRedis();
  const ends: (() => void)[] = [];
  return {
    clock,
    redis,
    start(options: HistoryNodeOptions = {}): HistoryNode {
      const node = startNode(options, options.clock ?? clock, options.steps ?? redis.steps);
      ends.push(() => {
        node.sync.close();
        node.rows.close();
      });
      return node;
    },
    /** Minutes pass, in each of which every node looks once at least. */
    passMinutes: (minutes: number) => clock.advanceAsync(minutes * 66_000),
    end() {
      for (const end of ends.splice(0)) end();
    },
  };
}

function startNode(options: HistoryNodeOptions, clock: ManualClock, steps: HistorySteps) {
  const { isLeader = false, coins = ['BTC', 'ETH'] } = options;
  const rows = openKeptRows();
  const lines: string[] = [];
  const awayListeners = new Set<(isAway: boolean) => void>();
  const connectedListeners = new Set<() => void>();
  const presence = {
    onAway: (listener: (isAway: boolean) => void) => join(awayListeners, listener),
    onConnected: (listener: () => void) => join(connectedListeners, listener),
  };
  const log = {
    debug: () => {},
    warn: (fields: object, message: string) =>
      void lines.push(`${message} ${JSON.stringify(fields)}`),
  };
  const place = { ...{ clock, steps, coins, rows, presence, log }, random: Math.random };
  const node: HistoryNode = {
    ...{ rows, isLeader, lines },
    sync: createHistorySync({ ...place, isLeader: () => node.isLeader }),
    away(isAway) {
      for (const listener of awayListeners) listener(isAway);
    },
    connected() {
      for (const listener of connectedListeners) listener();
    },
  };
  return node;
}

function join<T>(set: Set<T>, one: T): () => void {
  set.add(one);
  return () => void set.delete(one);
}

const ALWAYS = { fromS: 0, toS: Number.MAX_SAFE_INTEGER };

/** Everything that is kept there. */
export function allRows(rows: KeptRows): {
  samples: readonly SampleRow[];
  candles: readonly CandleRow[];
} {
  const intervals = TIERS.map(({ intervalS }) => intervalS);
  return {
    samples: rows
      .series()
      .flatMap((series) =>
        intervals.flatMap((intervalS) => rows.samples({ series, intervalS, ...ALWAYS })),
      ),
    candles: intervals.flatMap((intervalS) => rows.candles({ intervalS, ...ALWAYS })),
  };
}
