import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { CANDLES, chunksOf } from './chunks.ts';
import { allRows, START_S, startHistoryNodes } from './test-history-nodes.ts';
import { sample } from './test-kept-rows.ts';
import { bucketOf } from './tiers.ts';

let nodes: ReturnType<typeof startHistoryNodes>;
beforeEach(() => {
  nodes = startHistoryNodes();
});
afterEach(() => nodes.end());

describe('a sync', () => {
  const COINS = Array.from({ length: 50 }, (_, index) => `C${index}`);
  /** One row in each of 800 chunks. */
  const rows = (besides: number) =>
    COINS.flatMap((coin) =>
      [[60, 360] as const, [300, 288] as const].flatMap(([intervalS, perChunk]) =>
        Array.from({ length: 8 }, (_, chunk) => {
          const back = chunk * perChunk + besides;
          const time = bucketOf(START_S, intervalS) - back * intervalS;
          return sample(`coin:${coin}`, intervalS, time, 100);
        }),
      ),
    );
  /** How many chunks had been read by the beginning of each sync. */
  const countReads = () => {
    const counts: number[] = [];
    const { readHistoryIndex } = nodes.redis.steps;
    nodes.redis.steps.readHistoryIndex = () => {
      counts.push(nodes.redis.read.length);
      return readHistoryIndex();
    };
    return counts;
  };

  test('takes a part of what is very much, and the rest right after it', async () => {
    const first = nodes.start({ isLeader: true, coins: COINS });
    first.rows.keepSamples(rows(0), 'last');
    await nodes.passMinutes(1);
    expect(nodes.redis.chunks.size).toBe(800);
    first.sync.close();
    const counts = countReads();
    // What it has not read yet it does not overwrite.
    const second = nodes.start({ isLeader: true, coins: COINS });
    second.rows.keepSamples(rows(1), 'last');
    await nodes.passMinutes(1);
    expect(counts.slice(0, 3)).toEqual([0, 500, 800]);
    const third = nodes.start({ coins: COINS });
    const { readHistoryIndex } = nodes.redis.steps;
    const done: boolean[] = [];
    nodes.redis.steps.readHistoryIndex = () => {
      done.push(third.sync.isDone());
      return readHistoryIndex();
    };
    second.sync.close();
    await nodes.passMinutes(1);
    expect(done.slice(0, 3)).toEqual([false, false, true]);
    first.rows.keepSamples(rows(1), 'last');
    expect(allRows(third.rows)).toEqual(allRows(first.rows));
    expect(allRows(second.rows)).toEqual(allRows(first.rows));
  });

  test('takes a part of what is very long', async () => {
    const places = chunksOf(CANDLES, START_S);
    expect(places.length).toBeGreaterThan(40);
    const json = 'x'.repeat(250_000);
    for (const { name } of places) nodes.redis.chunks.set(name, { digest: '1', json });
    const counts = countReads();
    nodes.start();
    await nodes.passMinutes(1);
    expect(counts.slice(0, 3)).toEqual([0, 16, 32]);
    expect(nodes.redis.read).toHaveLength(places.length);
  });

  test('comes more often in the first minutes, while the past is being filled', async () => {
    nodes.start();
    await nodes.clock.advanceAsync(110_000);
    expect(nodes.redis.looks).toBeWithin(7, 10);
    await nodes.clock.advanceAsync(30_000);
    const { looks } = nodes.redis;
    await nodes.clock.advanceAsync(600_000);
    expect(nodes.redis.looks - looks).toBeWithin(9, 12);
  });
});
