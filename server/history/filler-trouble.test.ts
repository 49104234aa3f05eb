import { afterEach, describe, expect, spyOn, test } from 'bun:test';
import { FIRST_RETRY_MS, MAX_PUT_OFF_MS } from './fill-pass.ts';
import { FIRST_PASS_MS, MAX_RETRY_MS } from './filler.ts';
import { candleOf, intervalsOf, LATENCY_MS, passTurn, setUpFiller } from './test-past.ts';
import { bucketOf, DAY_S } from './tiers.ts';

const MINUTE_MS = 60_000;
const HOUR_S = 3600;

let world: ReturnType<typeof setUpFiller> | null = null;
afterEach(() => {
  world?.end();
  world = null;
});
const setUp = (coins?: readonly string[]) => {
  world = setUpFiller(coins);
  return world;
};

/** One that has run long enough to have all there is, in the middle of five minutes. */
async function setUpFilled(coins?: readonly string[]) {
  const made = setUp(coins);
  const filler = made.start();
  await made.clock.advanceAsync(MINUTE_MS);
  made.asks.length = 0;
  return { ...made, filler };
}

describe('when another exchange takes over', () => {
  /** How many closed days in a row an exchange has, up to yesterday. */
  const daysOf = ({ candles, nowS }: ReturnType<typeof setUpFiller>, source: string) => {
    const own = candles(DAY_S, 400 * DAY_S).filter((row) => row.source === source);
    const times = new Set(
      own.filter((row) => row.asOfS >= row.time + DAY_S).map(({ time }) => time),
    );
    let days = 0;
    while (times.has(bucketOf(nowS(), DAY_S) - (days + 1) * DAY_S)) days += 1;
    return days;
  };

  test('its days are asked for too, once: the RSI beside its candles is of those', async () => {
    const made = await setUpFilled(['BTC']);
    made.upstream.exchangeOf = () => 'coinbase';
    expect(daysOf(made, 'coinbase')).toBe(0);
    await passTurn(made);
    await passTurn(made);
    expect(daysOf(made, 'coinbase')).toBeGreaterThan(130);
    for (let turn = 0; turn < 3; turn++) await passTurn(made);
    expect(made.counts()).toEqual({ 'BTC 300': 5, 'BTC 86400': 1 });
    made.filler.close();
  });

  test('the days of another do not stand for its own', async () => {
    const made = await setUpFilled(['BTC']);
    made.upstream.exchangeOf = ({ intervalS }) => (intervalS === 300 ? 'coinbase' : 'binance');
    for (let turn = 0; turn < 3; turn++) await passTurn(made);
    expect(daysOf(made, 'coinbase')).toBe(0);
    made.upstream.exchangeOf = () => 'coinbase';
    await passTurn(made);
    expect(daysOf(made, 'coinbase')).toBeGreaterThan(130);
    made.filler.close();
  });

  test('for a day’s end, the first one’s days have no hole once it is back', async () => {
    const made = await setUpFilled(['BTC']);
    made.upstream.exchangeOf = () => 'kraken';
    const before = daysOf(made, 'binance');
    await made.clock.advanceAsync(18 * HOUR_S * 1000);
    expect(daysOf(made, 'binance')).toBe(0);
    made.upstream.exchangeOf = () => 'binance';
    await passTurn(made);
    await passTurn(made);
    made.filler.close();
    expect(daysOf(made, 'binance')).toBeGreaterThanOrEqual(before);
  });
});

describe('while nobody answers', () => {
  test('it asks ever less often, and fills all as soon as somebody does', async () => {
    const { upstream, start, clock, asks, candles, times, nowS } = setUp();
    upstream.instead = () => null;
    const filler = start();
    await clock.advanceAsync(60 * MINUTE_MS);
    expect(candles(300, DAY_S)).toEqual([]);
    const passes = [...new Set(asks.map(({ atMs }) => Math.floor(atMs / 2000)))];
    const waits = passes.slice(1).map((at, index) => (at - (passes[index] ?? 0)) * 2000);
    expect(waits[0]).toBeWithin(0.75 * FIRST_RETRY_MS - 2000, FIRST_RETRY_MS + 2000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(MAX_RETRY_MS + 2000);
    expect(waits.at(-1)).toBeGreaterThan(0.7 * MAX_RETRY_MS);
    // Two a pass.
    expect(asks.length).toBeWithin(2 * passes.length - 2, 2 * passes.length + 1);
    upstream.instead = () => undefined;
    await clock.advanceAsync(MAX_RETRY_MS + MINUTE_MS);
    filler.close();
    expect(candles(300, DAY_S).length).toBeGreaterThanOrEqual(intervalsOf(nowS(), 300, DAY_S));
    expect(times('coin:ETH', HOUR_S, 30 * DAY_S).length).toBeGreaterThanOrEqual(720);
  });

  test('it says that it is filling, also while it waits', async () => {
    const { upstream, start, clock } = setUp();
    upstream.instead = () => null;
    const filler = start();
    for (let second = 0; second < 600; second++) {
      await clock.advanceAsync(1000);
      expect(filler.isFilling()).toBe(true);
    }
    upstream.instead = () => undefined;
    await clock.advanceAsync(MAX_RETRY_MS + MINUTE_MS);
    expect(filler.isFilling()).toBe(false);
    upstream.instead = (wanted) =>
      wanted.kind === 'candles' && wanted.symbol === 'ETH' ? null : undefined;
    await passTurn({ clock });
    // The others are filled, and this one waits for its next try.
    expect(filler.isFilling()).toBe(true);
    filler.close();
  });

  test('a coin that nobody has makes nobody seem to be there', async () => {
    const { upstream, start, clock, candles, nowS } = setUp(['BTC', 'FOO']);
    upstream.instead = (wanted) =>
      wanted.kind === 'candles' && wanted.symbol === 'FOO' ? 'unknown' : null;
    const filler = start();
    await clock.advanceAsync(180 * MINUTE_MS);
    upstream.instead = () => undefined;
    await clock.advanceAsync(MAX_RETRY_MS + MINUTE_MS);
    filler.close();
    expect(candles(300, DAY_S).length).toBeGreaterThanOrEqual(intervalsOf(nowS(), 300, DAY_S));
  });

  test('for what is not needed any more, it is forgotten', async () => {
    const made = await setUpFilled(['BTC']);
    const { upstream, clock, rows } = made;
    upstream.exchangeOf = () => 'coinbase';
    upstream.instead = (wanted) =>
      wanted.kind === 'candles' && wanted.intervalS === DAY_S ? null : undefined;
    await passTurn(made);
    await passTurn(made);
    expect(made.counts()['BTC 86400']).toBeGreaterThan(0);
    upstream.exchangeOf = () => 'binance';
    await passTurn(made);
    await passTurn(made);
    const looks = spyOn(rows, 'candles');
    await clock.advanceAsync(10 * MINUTE_MS);
    made.filler.close();
    expect(looks.mock.calls.length).toBeWithin(1, 40);
    expect(made.filler.isFilling()).toBe(false);
  });

  test('for one coin, the others are filled, and that one is asked for ever less often', async () => {
    const { upstream, start, clock, asks, counts, times } = setUp(['BTC', 'FOO', 'BAR', 'ETH']);
    upstream.instead = (wanted) =>
      wanted.kind === 'candles' && /FOO|BAR/.test(wanted.symbol) ? null : undefined;
    const filler = start();
    await clock.advanceAsync(5 * MINUTE_MS);
    expect(times('coin:ETH', 300, DAY_S).length).toBeGreaterThanOrEqual(288);
    await clock.advanceAsync(6 * 60 * MINUTE_MS);
    asks.length = 0;
    await clock.advanceAsync(60 * MINUTE_MS);
    filler.close();
    const { 'BTC 300': ofBase, 'FOO 300': ofFoo = 0 } = counts();
    expect(ofBase).toBe(12);
    expect(ofFoo).toBeWithin(1, Math.ceil(3_600_000 / (0.75 * MAX_PUT_OFF_MS)) + 2);
  }, 30_000);

  test('for one coin and then somebody does, all of that coin is filled at once', async () => {
    const { upstream, start, clock, asks } = setUp();
    upstream.instead = (wanted) =>
      wanted.kind === 'candles' && wanted.symbol === 'ETH' ? null : undefined;
    const filler = start();
    await clock.advanceAsync(180 * MINUTE_MS);
    upstream.instead = () => undefined;
    asks.length = 0;
    await clock.advanceAsync(MAX_PUT_OFF_MS + MINUTE_MS);
    filler.close();
    const ofCoin = asks.filter(
      ({ wanted }) => wanted.kind === 'candles' && wanted.symbol === 'ETH',
    );
    const atOnce = ofCoin.filter(({ atMs }) => atMs < (ofCoin[0]?.atMs ?? 0) + 5000);
    const lengths = atOnce.map(({ wanted }) => ('intervalS' in wanted ? wanted.intervalS : 0));
    expect([...new Set<number>(lengths)].toSorted((a, b) => a - b)).toEqual([300, HOUR_S, DAY_S]);
  }, 30_000);
});

describe('it survives', () => {
  test('an exchange that answers beside what was asked: it is not asked for ever', async () => {
    const { upstream, start, clock, asks, truth, nowS } = setUp(['BTC']);
    upstream.instead = (wanted) =>
      wanted.kind === 'fng'
        ? undefined
        : truth({ ...wanted, fromS: nowS() - 9 * DAY_S, toS: nowS() - 8 * DAY_S });
    const filler = start();
    await clock.advanceAsync(10 * MINUTE_MS);
    filler.close();
    expect(asks.length).toBeLessThan(30);
  });

  test('a clock that jumps ahead for an hour: nothing of that hour is missing afterwards', async () => {
    const { clock, filler, candles, nowS } = await setUpFilled(['BTC']);
    const trueMs = clock.now();
    clock.setWall(trueMs + 3_600_000);
    await clock.advanceAsync(6 * MINUTE_MS);
    clock.setWall(trueMs + 6 * MINUTE_MS);
    await clock.advanceAsync(70 * MINUTE_MS);
    filler.close();
    expect(candles(300, HOUR_S).length).toBeGreaterThanOrEqual(intervalsOf(nowS(), 300, HOUR_S));
  });

  test('a clock that is ahead while pages come: no candle that was open then is kept as a closed one', async () => {
    const { clock, filler, candles, asks } = await setUpFilled(['BTC']);
    const trueMs = clock.now();
    clock.setWall(trueMs + 400_000);
    await clock.advanceAsync(12 * MINUTE_MS);
    // Each turn asks for the newest, and no more than that.
    expect(asks.length).toBeLessThan(8);
    clock.setWall(trueMs + 12 * MINUTE_MS);
    await clock.advanceAsync(80 * MINUTE_MS);
    filler.close();
    const nowS = clock.now() / 1000;
    for (const intervalS of [60, 300, HOUR_S]) {
      const closed = candles(intervalS, 2 * HOUR_S).filter(
        (row) => row.time + intervalS < nowS - 600,
      );
      expect(closed.length).toBeGreaterThan(0);
      for (const { time, close } of closed) {
        expect({ time, close }).toMatchObject({
          close: candleOf(time, intervalS, nowS)?.close ?? expect.unreachable(),
        });
      }
    }
  });

  test('a clock that jumps back for a year', async () => {
    const { clock, filler, errors, candles, nowS, asks } = await setUpFilled(['BTC']);
    const trueMs = clock.now();
    clock.setWall(trueMs - 365 * DAY_S * 1000);
    await clock.advanceAsync(20 * MINUTE_MS);
    clock.setWall(trueMs + 20 * MINUTE_MS);
    await clock.advanceAsync(10 * MINUTE_MS);
    filler.close();
    expect(errors).toEqual([]);
    expect(asks.length).toBeLessThan(30);
    expect(candles(300, HOUR_S).length).toBeGreaterThanOrEqual(intervalsOf(nowS(), 300, HOUR_S));
  });

  test('a desk that never answers once the term is over', async () => {
    const { clock, start, asks, rows, nowS, upstream } = setUp(['BTC']);
    const filler = start();
    await clock.advanceAsync(FIRST_PASS_MS + LATENCY_MS);
    const before = asks.length;
    filler.close();
    // What comes after the end is not kept: the store may be closed.
    upstream.isHole = () => false;
    const kept = rows.candles({ intervalS: 60, fromS: 0, toS: nowS() + 60 }).length;
    await clock.advanceAsync(10 * MINUTE_MS);
    expect(asks.length).toBe(before);
    expect(rows.candles({ intervalS: 60, fromS: 0, toS: nowS() + 60 })).toHaveLength(kept);
    expect(clock.pending()).toBe(0);
  });

  test('an end between two pages: the next term goes on where it was', async () => {
    const { clock, start, asks } = setUp(['BTC']);
    const filler = start();
    await clock.advanceAsync(FIRST_PASS_MS + 5 * LATENCY_MS);
    filler.close();
    await clock.advanceAsync(LATENCY_MS);
    const next = start();
    await clock.advanceAsync(MINUTE_MS);
    next.close();
    // As many pages as without an interruption, and the one whose answer was lost.
    expect(asks.length).toBeWithin(12, 14);
  });
});
