import { describe, expect, test } from 'bun:test';
import type { CoinReading } from '../sources/source.ts';
import {
  candles,
  coin,
  DAY_MS,
  EMPTY,
  failing,
  market,
  START,
  setUp,
  streamed,
} from './test-feed.ts';

const ofEth = (reading: CoinReading) => ({ ...reading, symbol: 'ETH' });

describe('the feed and streams', () => {
  describe('a connection that is lost', () => {
    test('is told at once: its figures are stale, and stay shown while nothing else is live', () => {
      const { clock, feed, last } = setUp();
      feed.accept([streamed(START, 77_705), ofEth(streamed(START, 3000))]);
      clock.advance(1000);
      feed.connectionLost('binance stream 1');
      expect(last().coins.BTC).toMatchObject({ price_usd: 77_705, state: 'stale' });
      expect(last().coins.ETH).toMatchObject({ price_usd: 3000, state: 'stale' });
    });

    test('leaves the place to the next exchange that is live', () => {
      const { clock, feed, last } = setUp();
      feed.accept([streamed(START, 77_705), streamed(START, 77_710, 'kraken')]);
      clock.advance(1000);
      feed.connectionLost('binance stream 1');
      expect(last().coins.BTC).toMatchObject({
        source: 'kraken',
        price_usd: 77_710,
        state: 'live',
      });
    });

    test('costs nothing that came by another connection', () => {
      const { clock, feed, emitted, last } = setUp();
      feed.accept([streamed(START, 77_705, 'binance', 2), market(START)]);
      clock.advance(1000);
      const before = emitted.length;
      feed.connectionLost('binance stream 1');
      clock.advance(1000);
      expect(emitted).toHaveLength(before);
      expect(last().coins.BTC?.state).toBe('live');
    });

    test('brings nothing any more, and is no obstacle to the next one of its source', () => {
      const { clock, feed, last } = setUp();
      feed.accept([streamed(START + 500, 77_705)]);
      feed.connectionLost('binance stream 1');
      feed.accept([streamed(START + 600, 77_706)]);
      clock.advance(1000);
      expect(last().coins.BTC).toMatchObject({ price_usd: 77_705, state: 'stale' });
      feed.accept([streamed(START - 5000, 77_600, 'binance', 2)]);
      clock.advance(1000);
      expect(last().coins.BTC).toMatchObject({ price_usd: 77_600, state: 'live' });
    });
  });

  test('a quiet coin stays live for as long as later frames move its time', () => {
    const { clock, feed, last } = setUp();
    for (let s = 0; s <= 180; s += 15) {
      feed.accept([{ ...streamed(clock.now(), 77_705), eventTimeMs: START }]);
      clock.advance(15_000);
    }
    expect(last().coins.BTC).toMatchObject({ state: 'live', as_of: '2026-11-23T07:03:00Z' });
    clock.advance(60_000);
    expect(last().coins.BTC?.state).toBe('stale');
  });

  describe('the coins that no exchange streams', () => {
    test('are all of them until prices come, and those whose price is old or of a lost connection', () => {
      const { clock, feed } = setUp();
      expect(feed.unstreamedCoins()).toEqual(['BTC', 'ETH']);
      feed.accept([streamed(START, 77_705), coin(START, 77_705, 'coingecko')]);
      expect(feed.unstreamedCoins()).toEqual(['ETH']);
      feed.accept([ofEth(streamed(START, 3000, 'kraken'))]);
      expect(feed.unstreamedCoins()).toEqual([]);
      feed.connectionLost('kraken stream 1');
      expect(feed.unstreamedCoins()).toEqual(['ETH']);
      clock.advance(60_000);
      expect(feed.unstreamedCoins()).toEqual(['ETH']);
      clock.advance(1);
      expect(feed.unstreamedCoins()).toEqual(['BTC', 'ETH']);
    });

    test('do not become fewer by what an earlier term was told', () => {
      const before = setUp();
      before.feed.accept([streamed(START, 77_705)]);
      const { feed, last } = setUp(before.last());
      expect(last().coins.BTC).toMatchObject({ source: 'binance', state: 'live' });
      expect(feed.unstreamedCoins()).toEqual(['BTC', 'ETH']);
    });
  });

  describe('an exchange', () => {
    test('has running candles while it has candles and streams a price', () => {
      const { clock, feed } = setUp();
      feed.accept([streamed(START, 77_705)]);
      expect(feed.hasRunningCandles('binance')).toBe(false);
      feed.accept([candles(START)]);
      expect(feed.hasRunningCandles('binance')).toBe(true);
      expect(feed.hasRunningCandles('kraken')).toBe(false);
      expect(feed.hasRunningCandles('coingecko')).toBe(false);
      clock.advance(60_001);
      expect(feed.hasRunningCandles('binance')).toBe(false);
      feed.accept([streamed(clock.now(), 77_705)]);
      expect(feed.hasRunningCandles('binance')).toBe(true);
      feed.connectionLost('binance stream 1');
      expect(feed.hasRunningCandles('binance')).toBe(false);
    });

    test('has none with candles that end before yesterday, or with an open yesterday, or are too few', () => {
      const { clock, feed } = setUp();
      feed.accept([streamed(START, 77_705), candles(START - DAY_MS, 14)]);
      expect(feed.hasRunningCandles('binance')).toBe(false);
      feed.accept([candles(START - DAY_MS)]);
      expect(feed.hasRunningCandles('binance')).toBe(false);
      feed.accept([{ ...candles(START - DAY_MS), asOfMs: START, receivedAtMs: START }]);
      expect(feed.hasRunningCandles('binance')).toBe(true);
      clock.setWall(START + DAY_MS);
      feed.accept([streamed(clock.now(), 77_705)]);
      expect(feed.hasRunningCandles('binance')).toBe(false);
    });
  });

  describe('what is inherited', () => {
    test('does not come back once a better source has spoken', () => {
      const before = setUp();
      before.feed.accept([coin(START, 77_000, 'coingecko')]);
      const { clock, feed, last } = setUp(before.last());
      feed.accept([streamed(START, 77_705)]);
      clock.advance(1000);
      feed.connectionLost('binance stream 1');
      clock.advance(1000);
      expect(last().coins.BTC).toMatchObject({ source: 'binance', state: 'stale' });
    });

    test('stands against a stream of a source less preferred until its own is found failing', () => {
      const before = setUp();
      before.feed.accept([streamed(START, 77_705)]);
      const { clock, feed, last } = setUp(before.last());
      feed.accept([streamed(START, 77_710, 'coinbase')]);
      clock.advance(1000);
      expect(last().coins.BTC?.source).toBe('binance');
      feed.report(new Map([['binance', failing]]));
      clock.advance(1000);
      expect(last().coins.BTC?.source).toBe('coinbase');
    });
  });

  test('pitfall 15: a time ahead of receipt is receipt, and an old one makes the figure stale', () => {
    const { clock, feed, last } = setUp();
    const ahead = START + DAY_MS;
    feed.accept([{ ...market(START), asOfMs: ahead, eventTimeMs: ahead }]);
    expect(last().freshness.market).toMatchObject({
      as_of: '2026-11-23T07:00:00Z',
      state: 'live',
    });
    clock.advance(1000);
    // The impossible time does not count for the order either.
    feed.accept([{ ...market(START - 3_600_000, 2.5e12), receivedAtMs: clock.now() }]);
    clock.advance(1000);
    expect(last()).toMatchObject({ market_cap: 2.5e12 });
    expect(last().freshness.market).toMatchObject({
      as_of: '2026-11-23T06:00:00Z',
      state: 'stale',
    });
  });

  test('pitfall 15: a time before there was a market is none', () => {
    const { feed, emitted } = setUp();
    for (const asOfMs of [0, -1e300, Number.NaN, Number.NEGATIVE_INFINITY]) {
      feed.accept([{ ...market(START), asOfMs }]);
    }
    expect(emitted).toHaveLength(1);
  });

  test('pitfall 16: the same time again is no news', () => {
    const { clock, feed, emitted } = setUp();
    feed.accept([market(START)]);
    clock.advance(300_000);
    const before = emitted.length;
    feed.roundStarted();
    feed.accept([{ ...market(START), receivedAtMs: clock.now() }]);
    expect(feed.roundEnded()).toBe('unchanged');
    clock.advance(1000);
    expect(emitted).toHaveLength(before);
  });

  test('pitfall 47: a burst of prices is one patch every interval, with the newest of each coin', () => {
    const { clock, feed, emitted, last } = setUp();
    for (let tick = 0; tick < 600; tick++) {
      const atMs = clock.now();
      feed.accept([streamed(atMs, 70_000 + tick), ofEth(streamed(atMs, 3000 + tick))]);
      clock.advance(5);
    }
    // 1 whole at start, 1 at once, then one every 250 ms of the 3 000.
    expect(emitted).toHaveLength(14);
    clock.advance(250);
    expect(last()).toMatchObject({ btc_price_usd: 70_599 });
    expect(last().coins.ETH?.price_usd).toBe(3599);
  });

  test('pitfall 54: when another source takes over it is named, and everything beside the figure is its own', () => {
    const { clock, feed, last } = setUp();
    feed.accept([market(START, 2.6e12, 'coingecko')]);
    clock.advance(1_000_000);
    const paprika = market(clock.now(), 2.3e12, 'coinpaprika');
    const value = { ...paprika.value, market_cap_change_24h: 0.5, eth_dominance: null };
    feed.accept([{ ...paprika, value }]);
    clock.advance(1_000_000);
    expect(last()).toMatchObject({
      ...{ market_cap: 2.3e12, market_cap_change_24h: 0.5, eth_dominance: null },
    });
    expect(last().freshness.market).toMatchObject({ source: 'coinpaprika', state: 'live' });
  });

  test('pitfall 54: the change is always of the exchange whose price is shown, or unknown', () => {
    const { clock, feed, last } = setUp();
    const kraken = streamed(START, 77_710, 'kraken');
    feed.accept([
      streamed(START, 77_705),
      { ...kraken, value: { ...kraken.value, change_24h: null } },
    ]);
    clock.advance(1000);
    expect(last().btc_change_24h).toBe(-1.41);
    feed.connectionLost('binance stream 1');
    clock.advance(1000);
    expect(last()).toMatchObject({ btc_price_usd: 77_710, btc_change_24h: null });
  });

  test('keeps nothing of a coin that is not shown', () => {
    const { feed, emitted } = setUp(EMPTY);
    feed.accept([{ ...streamed(START, 1), symbol: 'DOGE' }]);
    expect(emitted).toHaveLength(1);
  });
});
