import { afterEach, describe, expect, spyOn, test } from 'bun:test';
import { PAGES_A_PASS } from './fill-pass.ts';
import { AFTER_TURN_MS, FIRST_PASS_MS, TURN_SPREAD_MS } from './filler.ts';
import { candleOf, intervalsOf, LATENCY_MS, passTurn, setUpFiller } from './test-past.ts';
import { bucketOf, DAY_S } from './tiers.ts';

const MINUTE_MS = 60_000;
const TURN_MS = 300_000;
const HOUR_S = 3600;
/** Since the first day of the index. */
const INDEX_DAYS = (Date.UTC(2026, 10, 23) - Date.UTC(2018, 1, 1)) / 1000 / DAY_S;

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

describe('a fresh start', () => {
  test('brings everything that charts show and all that is kept', async () => {
    const { clock, start, candles, times, nowS, errors } = setUp();
    const filler = start();
    await clock.advanceAsync(MINUTE_MS);
    filler.close();
    for (const [intervalS, spanS] of [
      [300, 2 * DAY_S],
      [HOUR_S, 90 * DAY_S],
      [DAY_S, 4000 * DAY_S],
    ] as const) {
      expect(candles(intervalS, spanS).length).toBeGreaterThanOrEqual(
        intervalsOf(nowS(), intervalS, spanS),
      );
      const prices = times('coin:ETH', intervalS, Math.min(spanS, 400 * DAY_S));
      expect(prices.length).toBeGreaterThanOrEqual(
        intervalsOf(nowS(), intervalS, Math.min(spanS, 400 * DAY_S)),
      );
    }
    expect(times('fng', DAY_S, 4000 * DAY_S)).toHaveLength(INDEX_DAYS + 1);
    expect(errors).toEqual([]);
  });

  test('asks page by page, what a visitor misses first, each page once', async () => {
    const { clock, start, asks, counts } = setUp();
    const filler = start();
    await clock.advanceAsync(FIRST_PASS_MS - 1);
    expect(asks).toEqual([]);
    await clock.advanceAsync(MINUTE_MS);
    filler.close();
    const order = asks.map(({ wanted }) =>
      wanted.kind === 'fng' ? 'fng' : `${wanted.symbol} ${wanted.intervalS}`,
    );
    expect(order).toEqual([
      // As far as charts reach …
      ...['BTC 300', 'BTC 300', 'BTC 86400', 'BTC 3600', 'fng'],
      ...['ETH 3600', 'ETH 300', 'ETH 300', 'ETH 86400'],
      // … and the rest of what is kept.
      ...['BTC 300', 'BTC 86400', 'BTC 86400', 'BTC 86400', 'BTC 3600', 'BTC 3600'],
      ...['ETH 3600', 'ETH 3600', 'ETH 300'],
    ]);
    expect(counts()).toMatchObject({ fng: 1, 'ETH 86400': 1 });
  });

  test('says that it is filling from the first moment until it is done', async () => {
    const { clock, start } = setUp();
    const filler = start();
    expect(filler.isFilling()).toBe(true);
    await clock.advanceAsync(FIRST_PASS_MS + LATENCY_MS);
    expect(filler.isFilling()).toBe(true);
    await clock.advanceAsync(MINUTE_MS);
    expect(filler.isFilling()).toBe(false);
    await passTurn({ clock });
    expect(filler.isFilling()).toBe(false);
    filler.close();
  });

  test('says so between two passes too', async () => {
    const { clock, start, asks } = setUp(['BTC', ...Array.from({ length: 14 }, (_, n) => `C${n}`)]);
    const filler = start();
    await clock.advanceAsync(FIRST_PASS_MS);
    let pauses = 0;
    for (let before = 0; asks.length < 1.5 * PAGES_A_PASS; before = asks.length) {
      await clock.advanceAsync(2 * LATENCY_MS);
      if (asks.length === before) pauses += 1;
      expect(filler.isFilling()).toBe(true);
    }
    expect(pauses).toBeGreaterThan(0);
    await clock.advanceAsync(MINUTE_MS);
    expect(filler.isFilling()).toBe(false);
    filler.close();
  });

  test('in short pages has what the RSI of a year is computed from before what is only kept', async () => {
    const { clock, start, asks, upstream } = setUp(['BTC']);
    upstream.page = 400;
    const filler = start();
    await clock.advanceAsync(MINUTE_MS);
    filler.close();
    const names = asks.map(({ wanted }) => (wanted.kind === 'fng' ? 'fng' : wanted.intervalS));
    // A year, and a hundred days before its first.
    expect(names.slice(0, names.indexOf('fng')).filter((name) => name === DAY_S)).toHaveLength(2);
  });

  test('reads of what is kept little more than what has come', async () => {
    const { clock, start, rows, nowS } = setUp(['BTC']);
    const reads = spyOn(rows, 'candles');
    const filler = start();
    await clock.advanceAsync(FIRST_PASS_MS + 30 * LATENCY_MS);
    filler.close();
    const lengths = reads.mock.calls.map(([{ intervalS }], index) => {
      const { type, value } = reads.mock.results[index] ?? expect.unreachable();
      return intervalS === DAY_S && type === 'return' ? value.length : 0;
    });
    const days = rows.candles({ intervalS: DAY_S, fromS: 0, toS: nowS() });
    expect(days.length).toBeGreaterThan(3999);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(1.5 * days.length);
  });

  test('with fifty coins goes on pass by pass, and keeps the newest candles up meanwhile', async () => {
    const coins = ['BTC', ...Array.from({ length: 49 }, (_, n) => `C${n}`)];
    const { clock, start, asks, times, nowS } = setUp(coins);
    const filler = start();
    await clock.advanceAsync(3 * MINUTE_MS);
    filler.close();
    expect(asks.length).toBeGreaterThan(5 * PAGES_A_PASS);
    expect(times('coin:C48', 300, DAY_S).length).toBeGreaterThanOrEqual(
      intervalsOf(nowS(), 300, DAY_S),
    );
  }, 60_000);
});

describe('a filled history', () => {
  test('costs one call every five minutes, and one more after an hour and after a day', async () => {
    const { clock, counts, asks, filler, keep, truth, nowS } = await setUpFilled(['BTC', 'ETH']);
    for (let turn = 0; turn < 17 * 12 + 1; turn++) {
      const toS = bucketOf(nowS(), 300) + 300;
      // As the sampler does while a coin has a live price.
      keep(truth({ kind: 'candles', symbol: 'ETH', intervalS: 300, fromS: toS - 300, toS }));
      await passTurn({ clock });
    }
    filler.close();
    expect(counts()).toEqual({ 'BTC 300': 205, 'BTC 3600': 17, 'BTC 86400': 1 });
    for (const { atMs, wanted } of asks.filter(
      ({ wanted }) => wanted.kind === 'candles' && wanted.intervalS === 300,
    )) {
      expect(atMs % TURN_MS).toBeWithin(AFTER_TURN_MS, AFTER_TURN_MS + TURN_SPREAD_MS + 1000);
      // The two that ended last, and the open one.
      expect(wanted).toMatchObject({ toS: bucketOf(atMs / 1000, 300) + 300 });
    }
  }, 60_000);

  test('has the whole of every candle that was open when it was first asked for', async () => {
    const made = await setUpFilled(['BTC']);
    for (let turn = 0; turn < 13; turn++) await passTurn(made);
    made.filler.close();
    const nowS = made.nowS();
    for (const intervalS of [60, 300, HOUR_S]) {
      const closed = made
        .candles(intervalS, 2 * HOUR_S)
        .filter(({ time }) => time + intervalS <= nowS - 60);
      expect(closed.length).toBeGreaterThan(0);
      for (const { time, asOfS, source, intervalS: _, ...candle } of closed) {
        expect({ time, ...candle }).toEqual(
          candleOf(time, intervalS, nowS) ?? expect.unreachable(),
        );
      }
    }
  });

  test.each([
    ['ten minutes', 600],
    ['three days', 3 * DAY_S],
    ['half a year', 180 * DAY_S],
  ])('that was away for %s has no hole', async (_name, awayS) => {
    const { clock, start, filler, candles, times, nowS } = await setUpFilled();
    filler.close();
    await clock.advanceAsync(awayS * 1000);
    const next = start();
    await clock.advanceAsync(MINUTE_MS);
    next.close();
    for (const [intervalS, spanS] of [
      [300, 2 * DAY_S],
      [HOUR_S, 90 * DAY_S],
      [DAY_S, 399 * DAY_S],
    ] as const) {
      const expected = intervalsOf(nowS(), intervalS, spanS);
      expect(candles(intervalS, spanS).length).toBeGreaterThanOrEqual(expected);
      expect(times('coin:ETH', intervalS, spanS).length).toBeGreaterThanOrEqual(expected);
      const open = candles(intervalS, spanS).filter((row) => row.asOfS < row.time + intervalS);
      expect(open.map(({ time }) => time)).toEqual([bucketOf(nowS(), intervalS)]);
    }
    expect(times('fng', DAY_S, 4000 * DAY_S).length).toBeGreaterThanOrEqual(
      INDEX_DAYS + Math.floor(awayS / DAY_S) - 1,
    );
  });
});

describe('a hole that nobody can fill', () => {
  test('costs one call a process, and stays a hole', async () => {
    const made = setUp(['BTC']);
    const { upstream, start, clock, nowS, counts, candles, asks } = made;
    const holes = [nowS() - 7200, nowS() - 5 * 86_400].map((s) => bucketOf(s, HOUR_S));
    upstream.isHole = (time) => holes.some((hole) => time >= hole && time < hole + HOUR_S);
    const filler = start();
    await clock.advanceAsync(MINUTE_MS);
    filler.close();
    const before = counts();
    asks.length = 0;
    // The next term of the same process.
    const next = start();
    await clock.advanceAsync(MINUTE_MS);
    expect(asks).toEqual([]);
    await passTurn(made);
    next.close();
    expect(counts()).toEqual({ 'BTC 300': 1 });
    expect(before).toMatchObject({ 'BTC 300': 3, 'BTC 3600': 3 });
    expect(candles(300, 3 * HOUR_S).filter(({ time }) => upstream.isHole(time))).toEqual([]);
  });

  test('in the newest candle is asked for once more, when it has had its time', async () => {
    const made = await setUpFilled(['BTC']);
    const openS = bucketOf(made.nowS(), 300);
    made.upstream.isHole = (time) => time >= openS && time < openS + 300;
    await passTurn(made);
    expect(made.counts()).toEqual({ 'BTC 300': 1 });
    made.upstream.isHole = () => false;
    await passTurn(made);
    made.filler.close();
    expect(made.counts()).toEqual({ 'BTC 300': 2 });
    expect(made.candles(300, 900).some(({ time }) => time === openS)).toBe(true);
  });

  test('in an hour that has just ended is asked for again five minutes later, and not after that', async () => {
    const made = await setUpFilled(['BTC']);
    const { clock, upstream, nowS } = made;
    await clock.advanceAsync(HOUR_S * 1000 - (clock.now() % (HOUR_S * 1000)) - 1000);
    const openS = bucketOf(nowS(), HOUR_S);
    upstream.isHole = (time) => time === openS;
    made.asks.length = 0;
    for (let turn = 0; turn < 6; turn++) await passTurn(made);
    made.filler.close();
    expect(made.counts()).toMatchObject({ 'BTC 3600': 2 });
  });

  test('before the first day of a market costs one page', async () => {
    const { upstream, start, clock, counts, nowS } = setUp(['BTC']);
    const listedS = bucketOf(nowS() - 500 * DAY_S, DAY_S);
    upstream.isHole = (time) => time < listedS;
    const filler = start();
    await clock.advanceAsync(MINUTE_MS);
    filler.close();
    // The newest thousand days, and a thousand without any.
    expect(counts()['BTC 86400']).toBe(2);
  });

  test('of a coin that nobody has is not asked for again', async () => {
    const { upstream, start, clock, counts } = setUp(['BTC', 'FOO', 'ETH']);
    upstream.instead = (wanted) =>
      wanted.kind === 'candles' && wanted.symbol === 'FOO' ? 'unknown' : undefined;
    const filler = start();
    await clock.advanceAsync(4 * MINUTE_MS);
    filler.close();
    expect(counts()).toMatchObject({ 'FOO 300': 1, 'FOO 3600': 1, 'FOO 86400': 1, 'ETH 300': 3 });
  });
});
