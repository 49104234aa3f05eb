import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { type RunningRedis, startRedis } from '../../e2e/start-redis.ts';
import { until } from '../../e2e/until.ts';
import { createHistorySteps } from './history-steps.ts';
import {
  type HistorySteps,
  MAX_CHUNK_BYTES,
  MAX_HISTORY_CHUNKS,
  type ReplacingChunk,
  STEP_TIMEOUT_MS,
} from './steps.ts';
import { connectTestNode, TEST_KEYS } from './test-redis.ts';

const { history, historyIndex } = TEST_KEYS;
const TTL_S = 60;

let redis: RunningRedis;
let link: ReturnType<typeof connectTestNode>['link'];
let steps: HistorySteps;

beforeAll(async () => {
  redis = await startRedis();
  ({ link } = connectTestNode(redis.url, 'token-a'));
  steps = createHistorySteps(link, TEST_KEYS);
  await until(() => steps.readHistoryIndex().catch(() => null), Boolean);
});
afterAll(async () => {
  link.close();
  await redis.stop();
});
beforeEach(async () => {
  await redis.command('FLUSHALL');
});

const chunk = (name: string, digest: string, replaces: string | null = null): ReplacingChunk => ({
  ...{ name, digest, replaces },
  json: `[${name} ${digest}]`,
});
const A = chunk('a', '1');
const B = chunk('b', '2');

/** Name, digest and content of everything that is read. */
async function readAll() {
  const index = await steps.readHistoryIndex();
  return Promise.all(
    [...index].map(async ([name, digest]) => [name, digest, await steps.readHistoryChunk(name)]),
  );
}
const ttls = () => Promise.all([history, historyIndex].map((key) => redis.command('TTL', key)));

describe('the history', () => {
  test('is not there at first', async () => {
    expect(await readAll()).toEqual([]);
    expect(await steps.readHistoryChunk('a')).toBeNull();
    await steps.writeHistory([], [], TTL_S);
    expect(await redis.command('DBSIZE')).toBe(0);
  });

  test('is read as it was written, chunk by chunk', async () => {
    expect(await steps.writeHistory([A, B], [], TTL_S)).toEqual([]);
    expect(await steps.writeHistory([chunk('b', '3', '2')], [], TTL_S)).toEqual([]);
    expect(await readAll()).toEqual([
      ['a', '1', '[a 1]'],
      ['b', '3', '[b 3]'],
    ]);
  });

  test('keeps a chunk that the writer does not know, and takes the others', async () => {
    await steps.writeHistory([A, B], [], TTL_S);
    const left = await steps.writeHistory(
      [chunk('a', '4', '3'), chunk('b', '4', '2'), chunk('c', '4', '3')],
      [],
      TTL_S,
    );
    expect(left).toEqual(['a']);
    expect(await steps.writeHistory([chunk('b', '5')], [], TTL_S)).toEqual(['b']);
    expect(await readAll()).toEqual([
      ['a', '1', '[a 1]'],
      ['b', '4', '[b 4]'],
      // What it knew is gone: nothing is lost.
      ['c', '4', '[c 4]'],
    ]);
  });

  test('takes a chunk again whose answer was lost, and not once another one lies there', async () => {
    const late = chunk('a', '2', '1');
    await steps.writeHistory([A], [], TTL_S);
    await steps.writeHistory([late], [], TTL_S);
    expect(await steps.writeHistory([late], [], TTL_S)).toEqual([]);
    expect(await readAll()).toEqual([['a', '2', '[a 2]']]);
    await steps.writeHistory([chunk('a', '3', '2')], [], TTL_S);
    expect(await steps.writeHistory([late], [], TTL_S)).toEqual(['a']);
    expect(await readAll()).toEqual([['a', '3', '[a 3]']]);
  });

  test('loses what is removed, and nothing else', async () => {
    await steps.writeHistory([A, B], [], TTL_S);
    await steps.writeHistory([chunk('c', '3')], ['a', 'never there'], TTL_S);
    expect(await readAll()).toEqual([
      ['b', '2', '[b 2]'],
      ['c', '3', '[c 3]'],
    ]);
    expect(await redis.command('HKEYS', history)).toEqual(['b', 'c']);
  });

  test('lives on with every write, also with one of nothing', async () => {
    await steps.writeHistory([A], [], TTL_S);
    expect(await ttls()).toEqual([TTL_S, TTL_S]);
    await steps.writeHistory([], [], 10 * TTL_S);
    expect(await ttls()).toEqual([10 * TTL_S, 10 * TTL_S]);
    expect(await readAll()).toHaveLength(1);
  });

  test('takes hundreds of chunks in one step', async () => {
    const many = Array.from({ length: 500 }, (_, index) => chunk(`chunk ${index}`, `${index}`));
    await steps.writeHistory(many, [], TTL_S);
    expect((await steps.readHistoryIndex()).size).toBe(500);
    await steps.writeHistory(
      [],
      many.slice(1).map(({ name }) => name),
      TTL_S,
    );
    expect(await readAll()).toEqual([['chunk 0', '0', '[chunk 0 0]']]);
  });
});

describe('what no node left so', () => {
  test.each([
    [history, historyIndex],
    [historyIndex, history],
  ])('%s of another type is read as nothing, and replaced', async (key) => {
    await steps.writeHistory([A], [], TTL_S);
    await redis.command('SET', key, 'a stranger');
    expect(await readAll()).toEqual([]);
    expect(await steps.readHistoryChunk('b')).toBeNull();
    await steps.writeHistory([B], [], TTL_S);
    expect(await readAll()).toEqual([['b', '2', '[b 2]']]);
    expect(await ttls()).toEqual([TTL_S, TTL_S]);
  });

  test.each([history, historyIndex])(
    'chunks or digests alone (without %s) are read as nothing, and replaced',
    async (evicted) => {
      await steps.writeHistory([A], [], TTL_S);
      await redis.command('DEL', evicted);
      expect(await readAll()).toEqual([]);
      await steps.writeHistory([B], [], TTL_S);
      expect(await readAll()).toEqual([['b', '2', '[b 2]']]);
      expect(await redis.command('HKEYS', history)).toEqual(['b']);
    },
  );

  test('a stranger’s field is left alone, and a stranger’s digest has no chunk', async () => {
    await steps.writeHistory([A], [], TTL_S);
    await redis.command('HSET', history, 'note', 'a stranger’s');
    await steps.writeHistory([B], [], TTL_S);
    expect((await readAll()).map(([name]) => name)).toEqual(['a', 'b']);
    await redis.command('HSET', historyIndex, 'nothing', '4');
    expect(await steps.readHistoryChunk('nothing')).toBeNull();
    expect(await steps.readHistoryChunk('note')).toBe('a stranger’s');
    expect(await steps.writeHistory([chunk('nothing', '5')], [], TTL_S)).toEqual([]);
    expect(await steps.readHistoryChunk('nothing')).toBe('[nothing 5]');
  });

  test('more chunks than there can be are read as nothing, and replaced', async () => {
    await steps.writeHistory([A], [], TTL_S);
    const flood = `for i = 1, ${MAX_HISTORY_CHUNKS} do redis.call('HSET', KEYS[1], i, i) end`;
    await redis.command('EVAL', flood, '1', history);
    expect(await readAll()).toEqual([]);
    await steps.writeHistory([B], [], TTL_S);
    expect(await readAll()).toEqual([['b', '2', '[b 2]']]);
  });

  test('a chunk that is too long is neither written nor read', async () => {
    const longest = 'x'.repeat(MAX_CHUNK_BYTES);
    const left = await steps.writeHistory(
      [
        { ...chunk('long', '1'), json: longest },
        { ...chunk('too long', '2'), json: `${longest}x` },
        // As many characters, twice the bytes.
        { ...chunk('wide', '3'), json: 'é'.repeat(MAX_CHUNK_BYTES) },
      ],
      [],
      TTL_S,
    );
    expect(left).toEqual(['too long', 'wide']);
    expect(await readAll()).toEqual([['long', '1', longest]]);
    await redis.command('HSET', history, 'long', `${longest}x`);
    expect(await steps.readHistoryChunk('long')).toBeNull();
    // Nobody can join it, so everybody may replace it.
    expect(await steps.writeHistory([chunk('long', '4')], [], TTL_S)).toEqual([]);
    expect(await steps.readHistoryChunk('long')).toBe('[long 4]');
  });
});

test('a frozen Redis fails each step in time, and what is executed late is read like all else', async () => {
  await steps.writeHistory([A], [], TTL_S);
  redis.signal('SIGSTOP');
  const begunMs = performance.now();
  const all = [
    steps.readHistoryIndex(),
    steps.readHistoryChunk('a'),
    steps.writeHistory([B], ['a'], TTL_S),
  ];
  const outcomes = await Promise.allSettled(all);
  redis.signal('SIGCONT');
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(performance.now() - begunMs).toBeLessThan(3 * STEP_TIMEOUT_MS);
  const late = await until(
    () => readAll().catch(() => []),
    ([first]) => first?.[0] === 'b',
  );
  expect(late).toEqual([['b', '2', '[b 2]']]);
});

test('a Redis that is full takes no chunk, keeps those it has, and says so', async () => {
  await steps.writeHistory([A], [], TTL_S);
  await redis.command('CONFIG', 'SET', 'maxmemory', '1');
  try {
    await expect(steps.writeHistory([B], [], TTL_S)).rejects.toThrow('OOM');
    expect(await readAll()).toEqual([['a', '1', '[a 1]']]);
  } finally {
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
  }
});
