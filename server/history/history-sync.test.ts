import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { chunkAt, samplesChunk } from './chunks.ts';
import { allRows, type HistoryNode, START_S, startHistoryNodes } from './test-history-nodes.ts';
import { candle, KRAKEN, sample } from './test-kept-rows.ts';
import { bucketOf, DAY_S, rowsInTiers, TIERS } from './tiers.ts';

let nodes: ReturnType<typeof startHistoryNodes>;
beforeEach(() => {
  nodes = startHistoryNodes();
});
afterEach(() => nodes.end());

/** The beginning of the interval that lies so many before now's. */
const at = (intervalS: number, back = 0): number => bucketOf(START_S, intervalS) - back * intervalS;
const price = (intervalS: number, back: number, value = 100 + back) =>
  sample('coin:BTC', intervalS, at(intervalS, back), value);
/** A day of prices and candles, and some of everything else. */
function fill({ rows }: HistoryNode) {
  for (const { intervalS } of TIERS) {
    const backs = Array.from({ length: 400 }, (_, back) => back + 1);
    rows.keepSamples(
      backs.map((back) => price(intervalS, back)),
      'last',
    );
    rows.keepCandles(
      backs.flatMap((back) =>
        [candle(intervalS, at(intervalS, back), back)].flatMap((one) => [
          one,
          { ...one, source: KRAKEN },
        ]),
      ),
    );
    rows.keepSamples([sample('market_cap', intervalS, at(intervalS), 3e12)], 'first');
  }
  rows.keepSamples([sample('fng', DAY_S, at(DAY_S, 3), 26, { source: 'alternative_me' })], 'first');
}

describe('a sync is done', () => {
  test('once all that lies in Redis was joined, not while nothing lies there', async () => {
    const follower = nodes.start();
    await nodes.passMinutes(2);
    expect(follower.sync.isDone()).toBeFalse();
    const leader = nodes.start({ isLeader: true });
    fill(leader);
    await nodes.passMinutes(2);
    expect(allRows(follower.rows)).toEqual(allRows(leader.rows));
    expect(follower.sync.isDone()).toBeTrue();
    nodes.redis.chunks.clear();
    leader.sync.close();
    await nodes.passMinutes(1);
    expect(follower.sync.isDone()).toBeTrue();
  });

  test('not before the last chunk has come, nor while steps fail', async () => {
    const leader = nodes.start({ isLeader: true });
    fill(leader);
    await nodes.passMinutes(1);
    leader.sync.close();
    const { length } = nodes.redis.read;
    nodes.redis.delay = async () => {
      if (nodes.redis.read.length > length + 3) throw new Error('Redis gave no answer');
    };
    const follower = nodes.start();
    await nodes.passMinutes(1);
    expect(nodes.redis.read.length).toBeGreaterThan(length + 3);
    expect(follower.sync.isDone()).toBeFalse();
    nodes.redis.delay = async () => {};
    await nodes.passMinutes(1);
    expect(follower.sync.isDone()).toBeTrue();
  });
});

describe('what the leader has', () => {
  test('is with every node soon, and nobody else writes', async () => {
    const leader = nodes.start({ isLeader: true });
    fill(leader);
    await nodes.passMinutes(1);
    const writes = nodes.redis.written.length;
    const followers = [nodes.start(), nodes.start()];
    await nodes.clock.advanceAsync(3000);
    const all = allRows(leader.rows);
    expect(all.samples.length).toBeGreaterThan(1600);
    expect(all.candles).toHaveLength(3200);
    for (const { rows } of followers) expect(allRows(rows)).toEqual(all);
    leader.isLeader = false;
    for (const { rows } of followers) rows.keepSamples([price(60, 1, 7)], 'last');
    await nodes.passMinutes(3);
    expect(nodes.redis.written.slice(writes).flatMap(({ names }) => names)).toEqual([]);
  });

  test('is written in steps of bounded size, and lives for more than a week', async () => {
    const leader = nodes.start({ isLeader: true });
    const backs = Array.from({ length: 2600 }, (_, back) => back + 1);
    leader.rows.keepCandles(backs.map((back) => candle(60, at(60, back), 10_000 + back / 7)));
    await nodes.passMinutes(1);
    const bytes = nodes.redis.written.map((step) => step.bytes);
    expect(Math.max(...bytes)).toBeGreaterThan(64_000);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(150_000);
    for (const step of nodes.redis.written) {
      expect(step.bytes).toBeLessThanOrEqual(128_000);
      expect(step.ttlS).toBeGreaterThan(7 * DAY_S);
    }
  });

  test('costs a look each minute and a step without a chunk while nothing changes', async () => {
    const leader = nodes.start({ isLeader: true });
    const follower = nodes.start();
    fill(leader);
    await nodes.passMinutes(3);
    const { read, written, looks } = nodes.redis;
    const before = { read: read.length, written: written.length };
    await nodes.clock.advanceAsync(10 * 60_000);
    expect(nodes.redis.looks - looks).toBeWithin(2 * 9, 2 * 12);
    expect(read).toHaveLength(before.read);
    const since = written.slice(before.written);
    expect(since.length).toBeWithin(9, 12);
    for (const step of since) expect(step).toMatchObject({ names: [], removed: [] });
    expect(allRows(follower.rows)).toEqual(allRows(leader.rows));
  });

  test('reaches the others a minute after an interval has ended, not with every price', async () => {
    const leader = nodes.start({ isLeader: true });
    const follower = nodes.start();
    await nodes.passMinutes(1);
    const { written } = nodes.redis;
    const before = written.length;
    // A price every fifteen seconds, in every tier.
    for (let passed = 0; passed < 600; passed += 15) {
      const asOfS = Math.floor(nodes.clock.now() / 1000);
      const one = { series: 'coin:BTC', value: 100 + passed, source: 'binance' as const, asOfS };
      leader.rows.keepSamples(rowsInTiers(one, asOfS, 60), 'last');
      await nodes.clock.advanceAsync(15_000);
    }
    const intervals = written
      .slice(before)
      .flatMap(({ names }) => names.map((name) => name.split(':')[2]));
    const counts = Map.groupBy(intervals, (intervalS) => Number(intervalS));
    // Ten minutes end; two may do so between two syncs.
    expect(counts.get(60)?.length).toBeWithin(5, 12);
    expect(counts.get(300)?.length).toBeWithin(1, 4);
    // They wait a quarter of an hour.
    expect([counts.get(3600), counts.get(DAY_S)]).toEqual([undefined, undefined]);
    await nodes.clock.advanceAsync(10 * 60_000);
    const last = (node: HistoryNode) => allRows(node.rows).samples;
    expect(last(follower)).toEqual(last(leader));
  });

  test('reaches the others at once where it is final: a first value, a past interval, a candle', async () => {
    const leader = nodes.start({ isLeader: true });
    const follower = nodes.start();
    await nodes.passMinutes(1);
    leader.rows.keepSamples([sample('market_cap', DAY_S, at(DAY_S), 3e12)], 'first');
    leader.rows.keepSamples([price(DAY_S, 1)], 'last');
    leader.rows.keepCandles([candle(DAY_S, at(DAY_S), 5, { asOfS: START_S })]);
    await nodes.passMinutes(2);
    expect(allRows(follower.rows)).toEqual(allRows(leader.rows));
    expect(allRows(follower.rows).samples).toHaveLength(2);
  });
});

describe('an empty Redis', () => {
  test('is filled again by the leader, and so are chunks that are gone', async () => {
    const leader = nodes.start({ isLeader: true });
    fill(leader);
    await nodes.passMinutes(1);
    const { chunks } = nodes.redis;
    const full = new Map(chunks);
    chunks.clear();
    await nodes.passMinutes(1);
    expect(chunks).toEqual(full);
    for (const name of [...chunks.keys()].slice(0, 3)) chunks.delete(name);
    await nodes.passMinutes(1);
    expect(chunks).toEqual(full);
  });

  test('is filled by a follower that becomes leader', async () => {
    const leader = nodes.start({ isLeader: true });
    const follower = nodes.start();
    fill(leader);
    await nodes.passMinutes(2);
    const full = new Map(nodes.redis.chunks);
    leader.sync.close();
    nodes.redis.chunks.clear();
    await nodes.passMinutes(1);
    expect(nodes.redis.chunks.size).toBe(0);
    follower.isLeader = true;
    await nodes.passMinutes(1);
    expect(nodes.redis.chunks).toEqual(full);
  });

  test('that has a digest without its chunk is given the chunk', async () => {
    const leader = nodes.start({ isLeader: true });
    leader.rows.keepSamples([price(60, 1)], 'last');
    const place = chunkAt('coin:BTC', 60, START_S);
    if (place === null) throw new Error('no such tier');
    const chunk = samplesChunk(place, [price(60, 1)], START_S);
    // By its digest it is what the leader has.
    nodes.redis.steps.readHistoryIndex = async () => new Map([[place.name, `${chunk?.digest}`]]);
    await nodes.passMinutes(1);
    expect(nodes.redis.chunks.get(place.name)?.json).toBe(`${chunk?.json}`);
  });
});

describe('a full Redis', () => {
  test('is joined by a new leader with less, not overwritten', async () => {
    const first = nodes.start({ isLeader: true });
    fill(first);
    await nodes.passMinutes(1);
    first.sync.close();
    const second = nodes.start({ isLeader: true });
    second.rows.keepSamples([price(60, 2, 7), price(60, 0)], 'last');
    const third = nodes.start();
    await nodes.passMinutes(3);
    first.rows.keepSamples([price(60, 2, 7), price(60, 0)], 'last');
    expect(allRows(second.rows)).toEqual(allRows(first.rows));
    expect(allRows(third.rows)).toEqual(allRows(first.rows));
  });

  test('is not written again by a new leader that has the same', async () => {
    const first = nodes.start({ isLeader: true });
    const second = nodes.start();
    fill(first);
    await nodes.passMinutes(3);
    first.sync.close();
    const { length } = nodes.redis.written;
    second.isLeader = true;
    await nodes.passMinutes(3);
    const since = nodes.redis.written.slice(length);
    expect(since.length).toBeWithin(2, 5);
    expect(since.flatMap(({ names }) => names)).toEqual([]);
  });

  test('keeps what is of nobody’s coins, and what is no chunk at all', async () => {
    const first = nodes.start({ isLeader: true, coins: ['BTC', 'DOGE'] });
    first.rows.keepSamples([{ ...price(60, 1), series: 'coin:DOGE' }, price(60, 1)], 'last');
    await nodes.passMinutes(1);
    nodes.redis.chunks.set('note', { digest: '1', json: 'a stranger’s' });
    first.sync.close();
    const names = [...nodes.redis.chunks.keys()];
    const second = nodes.start({ isLeader: true });
    await nodes.passMinutes(3);
    expect([...nodes.redis.chunks.keys()]).toEqual(names);
    expect(second.rows.series()).toEqual(['coin:BTC']);
    expect(nodes.redis.read).not.toContain('note');
  });

  test('loses the chunks whose rows nobody keeps any more, of coins that are gone too', async () => {
    const leader = nodes.start({ isLeader: true, coins: ['BTC', 'DOGE'] });
    const ofNow = () => {
      const nowS = Math.floor(nodes.clock.now() / 1000);
      const one = { value: 100, source: 'binance' as const, asOfS: nowS };
      return ['coin:BTC', 'coin:DOGE'].flatMap((series) =>
        rowsInTiers({ ...one, series }, nowS, 60),
      );
    };
    leader.rows.keepSamples(ofNow(), 'last');
    await nodes.passMinutes(1);
    leader.sync.close();
    const old = [...nodes.redis.chunks.keys()];
    const intervals = () => old.filter((name) => nodes.redis.chunks.has(name)).map(intervalOf);
    expect(intervals().toSorted()).toEqual([60, 60, 300, 300, 3600, 3600, DAY_S, DAY_S].toSorted());

    const next = nodes.start({ isLeader: true });
    // A clock that is far ahead, by what the newest chunk says, removes nothing.
    nodes.clock.setWall((START_S + 1000 * DAY_S) * 1000);
    await nodes.passMinutes(2);
    expect(intervals()).toHaveLength(8);
    for (const [days, left] of [
      [3, [300, 300, 3600, 3600, DAY_S, DAY_S]],
      [10, [3600, 3600, DAY_S, DAY_S]],
      [110, [DAY_S, DAY_S]],
      [3000, [DAY_S, DAY_S]],
    ] as const) {
      nodes.clock.setWall((START_S + days * DAY_S) * 1000);
      next.rows.keepSamples(ofNow(), 'last');
      // A price of an interval that has not ended is written within a quarter of an hour.
      await nodes.passMinutes(16);
      expect(intervals().toSorted()).toEqual([...left].toSorted());
    }
  });
});

const intervalOf = (name: string): number => Number(name.split(':').at(-2));
