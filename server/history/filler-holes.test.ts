import { afterEach, describe, expect, test } from 'bun:test';
import { EXCHANGES } from '../../contract/index.ts';
import { FIRST_HOLE_MS } from './holes.ts';
import { intervalsOf, passTurn, setUpFiller } from './test-past.ts';
import { bucketOf, DAY_S } from './tiers.ts';

const MINUTE_MS = 60_000;

let world: ReturnType<typeof setUpFiller> | null = null;
afterEach(() => {
  world?.end();
  world = null;
});
/** Upstreams of which each is asked when those before it are left out. */
function setUp(coins: readonly string[]) {
  world = setUpFiller(coins);
  world.upstream.exchangeOf = ({ not }) => EXCHANGES.find((id) => !not?.includes(id)) ?? null;
  return world;
}
const SPANS = [
  [300, DAY_S],
  [3600, 30 * DAY_S],
  [DAY_S, 365 * DAY_S],
] as const;

describe('what an exchange answers without', () => {
  test.each([
    ['empty', 1],
    ['half', 2],
  ])('%s pages, the next exchange is asked for', async (_name, part) => {
    const { clock, upstream, start, candles, times, nowS } = setUp(['BTC', 'ETH']);
    const sinceS = nowS();
    upstream.isHole = (time, exchange) =>
      exchange === 'binance' && (part === 1 || Math.floor((sinceS - time) / 90_000) % part === 0);
    const filler = start();
    await clock.advanceAsync(2 * MINUTE_MS);
    filler.close();
    for (const [intervalS, spanS] of SPANS) {
      // The open one is nobody's, and what has ended within the last five minutes may come yet.
      const expected = intervalsOf(nowS(), intervalS, spanS) - 2;
      expect(candles(intervalS, spanS).length).toBeGreaterThanOrEqual(expected);
      expect(times('coin:ETH', intervalS, spanS).length).toBeGreaterThanOrEqual(expected);
    }
  });

  test('a day that no other has either, each is asked for once', async () => {
    const made = setUp(['BTC']);
    const { clock, upstream, start, asks, nowS } = made;
    const holeS = bucketOf(nowS() - 5 * DAY_S, DAY_S);
    upstream.isHole = (time) => time === holeS;
    const filler = start();
    await clock.advanceAsync(2 * MINUTE_MS);
    const ofHole = asks.filter(
      ({ wanted }) => wanted.kind === 'candles' && wanted.intervalS === DAY_S && wanted.not,
    );
    expect(ofHole.map(({ wanted }) => wanted.kind === 'candles' && wanted.not)).toEqual([
      ['binance'],
      ['binance', 'coinbase'],
    ]);
    asks.length = 0;
    for (let turn = 0; turn < 6; turn++) await passTurn(made);
    filler.close();
    // The day: of Binance's own, which its RSI is of.
    expect(made.counts()).toEqual({ 'BTC 300': 6, 'BTC 86400': 1 });
  });

  test('days before a market’s first cost one page of each', async () => {
    const { clock, upstream, start, counts, nowS } = setUp(['BTC']);
    const listedS = bucketOf(nowS() - 500 * DAY_S, DAY_S);
    upstream.isHole = (time) => time < listedS;
    const filler = start();
    await clock.advanceAsync(2 * MINUTE_MS);
    filler.close();
    // Pages of a thousand: the one in which it was listed, and the one before it.
    expect(counts()['BTC 86400']).toBeLessThanOrEqual(2 * EXCHANGES.length);
  });
});

describe('while every exchange answers with empty pages', () => {
  test('it is asked again after an hour, by the same process, and all is filled then', async () => {
    const { clock, upstream, start, candles, asks, nowS } = setUp(['BTC']);
    upstream.isHole = () => true;
    const filler = start();
    await clock.advanceAsync(2 * MINUTE_MS);
    expect(candles(3600, 30 * DAY_S)).toEqual([]);
    upstream.isHole = () => false;
    asks.length = 0;
    await clock.advanceAsync(FIRST_HOLE_MS + 6 * MINUTE_MS);
    filler.close();
    for (const [intervalS, spanS] of SPANS) {
      expect(candles(intervalS, spanS).length).toBeGreaterThanOrEqual(
        intervalsOf(nowS(), intervalS, spanS),
      );
    }
  });

  test('for good, ever fewer are asked for', async () => {
    const { clock, upstream, start, asks } = setUp(['BTC']);
    upstream.isHole = (time) => time % (40 * DAY_S) === 0;
    const filler = start();
    await clock.advanceAsync(30 * FIRST_HOLE_MS);
    const days = () =>
      asks.filter(
        ({ wanted }) => wanted.kind === 'candles' && wanted.intervalS === DAY_S && wanted.not,
      ).length;
    const before = days();
    await clock.advanceAsync(24 * FIRST_HOLE_MS);
    filler.close();
    expect(before).toBeGreaterThan(0);
    // Five pages of each of the others, and a day's own.
    expect(days() - before).toBeLessThan(30);
  }, 30_000);
});
