import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { type ChunkPlace, chunkAt, samplesChunk } from './chunks.ts';
import { allRows, START_S, startHistoryNodes } from './test-history-nodes.ts';
import { candle, sample } from './test-kept-rows.ts';
import { bucketOf } from './tiers.ts';

let nodes: ReturnType<typeof startHistoryNodes>;
beforeEach(() => {
  nodes = startHistoryNodes();
});
afterEach(() => nodes.end());

const MINUTE_S = 60;
/** A price of so many minutes ago. */
const price = (back: number, value = 100 + back) =>
  sample('coin:BTC', MINUTE_S, bucketOf(START_S, MINUTE_S) - back * MINUTE_S, value);
/** The chunk that all of those are in. */
function placeOf(series = 'coin:BTC', timeS = START_S): ChunkPlace {
  const place = chunkAt(series, MINUTE_S, timeS);
  if (place === null) throw new Error('no such tier');
  return place;
}
const { name } = placeOf();

/** What another node writes. */
function write(rows: readonly ReturnType<typeof price>[], nowS = START_S) {
  const chunk = samplesChunk(placeOf(), rows, nowS);
  if (chunk === null) throw new Error('no rows');
  nodes.redis.chunks.set(name, chunk);
}
/** What lies in Redis, as somebody who starts there reads it. */
async function readByNewcomer() {
  const newcomer = nodes.start();
  await nodes.clock.advanceAsync(3000);
  newcomer.sync.close();
  return allRows(newcomer.rows).samples;
}

describe('a former leader that writes late', () => {
  test('loses nothing that the new one wrote, and brings what it had', async () => {
    const leader = nodes.start({ isLeader: true });
    leader.rows.keepSamples([price(1), price(2)], 'last');
    await nodes.passMinutes(1);
    write([price(3)]);
    await nodes.passMinutes(2);
    expect(await readByNewcomer()).toEqual([price(3), price(2), price(1)]);
    expect(allRows(leader.rows).samples).toHaveLength(3);
    // Also where it brings nothing new.
    write([price(1)]);
    await nodes.passMinutes(2);
    expect(await readByNewcomer()).toEqual([price(3), price(2), price(1)]);
  });

  test.each([
    ['where nothing lay', []],
    ['where the new one had joined what lay', [price(5)]],
  ])('between two steps of the new one (%s) is joined too, not overwritten', async (_, first) => {
    if (first.length > 0) write(first);
    const leader = nodes.start({ isLeader: true });
    leader.rows.keepSamples([price(1)], 'last');
    const { writeHistory } = nodes.redis.steps;
    let isLate = true;
    nodes.redis.steps.writeHistory = async (...step) => {
      if (isLate && step[0].length > 0) {
        isLate = false;
        write([price(3)]);
      }
      return writeHistory(...step);
    };
    await nodes.passMinutes(1);
    // The former leader alone had it.
    expect(allRows(leader.rows).samples).toContainEqual(price(3));
    expect(isLate).toBeFalse();
    expect(await readByNewcomer()).toEqual([...first, price(3), price(1)]);
  });

  test('writes nothing once the lease is gone, and all that is left when it is there again', async () => {
    const leader = nodes.start({ isLeader: true });
    leader.rows.keepSamples([price(1)], 'last');
    // The lease is lost while a chunk is made: the first step is the one without any.
    const { writeHistory } = nodes.redis.steps;
    nodes.redis.steps.writeHistory = async (...step) => {
      leader.isLeader = false;
      return writeHistory(...step);
    };
    await nodes.clock.advanceAsync(5000);
    expect(nodes.redis.written).toHaveLength(1);
    expect(nodes.redis.chunks.size).toBe(0);
    nodes.redis.steps.writeHistory = writeHistory;
    // Before anybody has noticed.
    leader.isLeader = true;
    await nodes.passMinutes(1);
    expect([...nodes.redis.chunks.keys()]).toEqual([name]);
  });
});

describe('a step that writes and fails', () => {
  test('costs no chunk: those that were under way and the next one are written by the next sync', async () => {
    const leader = nodes.start({ isLeader: true });
    const backs = Array.from({ length: 2600 }, (_, back) => back + 1);
    const begunS = bucketOf(START_S, MINUTE_S);
    leader.rows.keepCandles(
      backs.map((back) => candle(MINUTE_S, begunS - back * MINUTE_S, 10_000 + back / 7)),
    );
    const { writeHistory } = nodes.redis.steps;
    let failures = 0;
    nodes.redis.steps.writeHistory = (...step) => {
      if (failures > 0 || step[0].length === 0) return writeHistory(...step);
      failures += 1;
      return Promise.reject(new Error('Redis gave no answer'));
    };
    await nodes.clock.advanceAsync(3000);
    expect(failures).toBe(1);
    expect(nodes.redis.chunks.size).toBe(0);
    await nodes.passMinutes(1);
    // More than one step takes.
    expect(nodes.redis.written.filter(({ names }) => names.length > 0).length).toBeGreaterThan(1);
    const newcomer = nodes.start();
    await nodes.passMinutes(1);
    expect(allRows(newcomer.rows).candles).toHaveLength(2600);
    expect(allRows(newcomer.rows)).toEqual(allRows(leader.rows));
  });
});

describe('a chunk that cannot be read', () => {
  test('is left out, said once, and written anew by a leader that has its rows', async () => {
    const follower = nodes.start();
    nodes.redis.chunks.set(name, { digest: '1', json: '{"version":1,"sources":[],"rows":[[1]]}' });
    nodes.redis.chunks.set(placeOf('coin:ETH').name, { digest: '2', json: 'garbage' });
    await nodes.passMinutes(3);
    expect(follower.lines).toHaveLength(1);
    expect(follower.lines[0]).toContain('"chunks":2');
    expect(allRows(follower.rows)).toEqual({ samples: [], candles: [] });
    follower.rows.keepSamples([price(1)], 'last');
    follower.isLeader = true;
    await nodes.passMinutes(1);
    expect(await readByNewcomer()).toEqual([price(1)]);
    expect(nodes.redis.chunks.get(placeOf('coin:ETH').name)?.json).toBe('garbage');
    expect(follower.lines).toHaveLength(1);
  });

  test('with rows of a time to come is read again until it has', async () => {
    const behind = nodes.start();
    const ahead = price(-4);
    write([price(1), ahead], START_S + 600);
    await nodes.passMinutes(1);
    expect(allRows(behind.rows).samples).toEqual([price(1)]);
    await nodes.passMinutes(4);
    expect(allRows(behind.rows).samples).toEqual([price(1), ahead]);
    const { length } = nodes.redis.read;
    await nodes.passMinutes(3);
    expect(nodes.redis.read).toHaveLength(length);
  });

  test('with rows of a time to come is forgotten with them once it is gone', async () => {
    const node = nodes.start();
    write([price(1), price(-200, 7)], START_S + 20_000);
    await nodes.passMinutes(1);
    expect(nodes.redis.read).toContain(name);
    nodes.redis.chunks.clear();
    await nodes.passMinutes(1);
    node.isLeader = true;
    const { length } = nodes.redis.read;
    await nodes.passMinutes(3);
    expect([...nodes.redis.chunks.keys()]).toEqual([name]);
    // It is what this node wrote.
    expect(nodes.redis.read).toHaveLength(length);
  });

  test('with rows of a time to come is replaced when it has, and with all of them', async () => {
    const ahead = price(-4);
    write([price(1), ahead], START_S + 600);
    const before = nodes.redis.chunks.get(name);
    const leader = nodes.start({ isLeader: true });
    leader.rows.keepSamples([price(2)], 'last');
    await nodes.passMinutes(1);
    expect(nodes.redis.chunks.get(name)).toEqual(before);
    await nodes.passMinutes(4);
    expect(await readByNewcomer()).toEqual([price(2), price(1), ahead]);
  });

  test('with rows of a source that is not known is left as it is, and read once', async () => {
    write([price(1), { ...price(3), source: 'kraken' }]);
    const json = nodes.redis.chunks.get(name)?.json.replace('kraken', 'bourse') ?? '';
    nodes.redis.chunks.set(name, { digest: 'later', json });
    const leader = nodes.start({ isLeader: true });
    leader.rows.keepSamples([price(2)], 'last');
    await nodes.passMinutes(3);
    expect(allRows(leader.rows).samples).toEqual([price(2), price(1)]);
    expect(nodes.redis.chunks.get(name)?.json).toBe(json);
    expect(nodes.redis.read).toEqual([name]);
  });

  test('because its rows are over by a clock that is ahead is read once that is right', async () => {
    const clock = createManualClock((START_S + 1e8) * 1000);
    const node = nodes.start({ clock });
    write([price(1)]);
    await clock.advanceAsync(3000);
    expect(nodes.redis.looks).toBe(1);
    expect(nodes.redis.read).toEqual([]);
    clock.setWall(START_S * 1000);
    await clock.advanceAsync(70_000);
    expect(allRows(node.rows).samples).toEqual([price(1)]);
  });
});

describe('a leader whose clock was ahead', () => {
  test('writes within the hour what it took for over', async () => {
    const clock = createManualClock((START_S + 1e8) * 1000);
    const leader = nodes.start({ clock, isLeader: true });
    leader.rows.keepSamples([price(1)], 'last');
    await clock.advanceAsync(120_000);
    expect(nodes.redis.chunks.size).toBe(0);
    clock.setWall(START_S * 1000);
    await clock.advanceAsync(3_700_000);
    expect([...nodes.redis.chunks.keys()]).toEqual([name]);
  });
});

describe('while Redis is away', () => {
  const fail = () => Promise.reject(new Error('Redis gave no answer'));

  test('nothing is said twice, and all is in step soon after it is back', async () => {
    const leader = nodes.start({ isLeader: true });
    await nodes.passMinutes(1);
    const { steps } = nodes.redis;
    const { readHistoryIndex } = steps;
    steps.readHistoryIndex = fail;
    leader.away(true);
    leader.rows.keepSamples([price(1)], 'last');
    await nodes.passMinutes(10);
    expect(leader.lines).toEqual([]);
    steps.readHistoryIndex = readHistoryIndex;
    leader.away(false);
    await nodes.clock.advanceAsync(2000);
    expect([...nodes.redis.chunks.keys()]).toEqual([name]);
  });

  test('steps that fail though it is there are a line, once', async () => {
    const leader = nodes.start({ isLeader: true });
    await nodes.passMinutes(3);
    const { steps } = nodes.redis;
    const { writeHistory } = steps;
    steps.writeHistory = fail;
    leader.rows.keepSamples([price(1)], 'last');
    await nodes.passMinutes(1);
    expect(leader.lines).toEqual([]);
    await nodes.passMinutes(9);
    expect(leader.lines).toHaveLength(1);
    steps.writeHistory = writeHistory;
    await nodes.passMinutes(1);
    expect([...nodes.redis.chunks.keys()]).toEqual([name]);
    steps.writeHistory = fail;
    await nodes.passMinutes(9);
    expect(leader.lines).toHaveLength(2);
  });

  test('a new connection is tried at once, and many of them not more often than each second or so', async () => {
    const node = nodes.start();
    await nodes.passMinutes(1);
    const { looks } = nodes.redis;
    for (let i = 0; i < 50; i++) {
      node.connected();
      await nodes.clock.advanceAsync(100);
    }
    expect(nodes.redis.looks - looks).toBeWithin(2, 12);
  });
});

test('once it is closed no row is read or kept, though an answer still comes', async () => {
  write([price(1)]);
  const node = nodes.start();
  const answers: (() => void)[] = [];
  nodes.redis.delay = () => new Promise((resolve) => answers.push(resolve));
  // The index is asked for and answered; the chunk is under way.
  await nodes.clock.advanceAsync(2000);
  answers.shift()?.();
  await nodes.clock.advanceAsync(100);
  expect(nodes.redis.read).toEqual([name]);
  node.sync.close();
  answers.shift()?.();
  await nodes.passMinutes(5);
  expect(nodes.redis.looks).toBe(1);
  expect(allRows(node.rows).samples).toEqual([]);
  expect(nodes.clock.pending()).toBe(0);
});

test('one sync is under way at a time, however long its answers take', async () => {
  nodes.redis.delay = () =>
    new Promise((resolve) => void nodes.clock.after(5 * 60_000, () => resolve()));
  const node = nodes.start();
  await nodes.clock.advanceAsync(2000);
  node.connected();
  await nodes.clock.advanceAsync(4 * 60_000);
  expect(nodes.redis.looks).toBe(1);
  await nodes.passMinutes(2);
  expect(nodes.redis.looks).toBe(2);
});
