import { describe, expect, test } from 'bun:test';
import { type DashboardDocument, MAX_AHEAD_MS } from '../../contract/index.ts';
import { candles, coin, DAY_MS, EMPTY, fng, market, START, setUp, streamed } from './test-feed.ts';

const TOMORROW = START + DAY_MS;

/** A reading that has no time but our own. */
const timeless = <R extends { eventTimeMs: number | null }>(reading: R): R => ({
  ...reading,
  eventTimeMs: null,
});

/** A feed that began a day ahead, and was told of the time since. */
function setUpAhead() {
  const world = setUp(EMPTY, TOMORROW);
  return {
    ...world,
    putRight() {
      world.clock.advance(1000);
      world.clock.setWall(START + 1000);
    },
  };
}

describe('the feed and a clock that was ahead', () => {
  test('shows nothing live that was received in the future, and says of no such time that it was updated then', () => {
    const { clock, feed, last, putRight } = setUpAhead();
    feed.accept([timeless(market(TOMORROW)), fng(START - 3_600_000, 26)]);
    feed.accept([timeless(coin(TOMORROW, 77_000))]);
    putRight();
    clock.advance(15_000);
    expect(last().freshness.market.state).toBe('stale');
    expect(last().coins.BTC?.state).toBe('stale');
    expect(last().freshness.fng.state).toBe('live');
    expect(last().last_updated).toBe('2026-11-23T06:00:00Z');
    // It does not come to life when its moment has come.
    clock.setWall(TOMORROW + 1000);
    clock.advance(15_000);
    feed.accept([fng(clock.now(), 27)]);
    clock.advance(1000);
    expect(last().freshness.market.state).toBe('stale');
    expect(last().coins.BTC?.state).toBe('stale');
    feed.accept([market(clock.now())]);
    clock.advance(1000);
    expect(last().freshness.market.state).toBe('live');
  });

  test('has never been updated when all it has is of the future', () => {
    const { clock, feed, last, putRight } = setUpAhead();
    feed.accept([timeless(market(TOMORROW))]);
    putRight();
    clock.advance(15_000);
    expect(last()).toMatchObject({ market_cap: 2.6e12, last_updated: null });
  });

  test('bears with a clock that was ahead by a little', () => {
    const { clock, feed, last } = setUp(EMPTY, START + MAX_AHEAD_MS);
    feed.accept([timeless(market(START + MAX_AHEAD_MS))]);
    clock.advance(1000);
    clock.setWall(START);
    feed.accept([fng(START, 26)]);
    clock.advance(250);
    expect(last().freshness.market.state).toBe('live');
    expect(last().last_updated).toBe('2026-11-23T07:01:00Z');
    clock.setWall(START - 1);
    feed.accept([coin(START - 1, 77_000)]);
    clock.advance(250);
    expect(last().freshness.market.state).toBe('stale');
  });

  test('lets the next source take over from a figure of the future', () => {
    const { clock, feed, last, putRight } = setUpAhead();
    feed.accept([timeless(streamed(TOMORROW, 77_705))]);
    expect(feed.unstreamedCoins()).toEqual(['ETH']);
    putRight();
    feed.accept([coin(clock.now(), 77_000)]);
    clock.advance(250);
    expect(last().coins.BTC).toMatchObject({ source: 'coingecko', state: 'live' });
    expect(feed.unstreamedCoins()).toEqual(['BTC', 'ETH']);
  });

  test('is followed by the RSI as soon as the exchange gives times', () => {
    const { clock, feed, last, putRight } = setUpAhead();
    feed.accept([timeless(streamed(TOMORROW, 985, 'coinbase'))]);
    putRight();
    feed.accept([streamed(clock.now(), 990, 'coinbase'), candles(clock.now(), 20, 'coinbase')]);
    clock.advance(250);
    const before = last().rsi_14;
    expect(last().freshness.rsi_14).toMatchObject({
      ...{ state: 'live', as_of: '2026-11-23T07:00:01Z', stale_after_s: 60 },
    });
    clock.advance(1000);
    feed.accept([streamed(clock.now(), 1010, 'coinbase')]);
    clock.advance(250);
    expect(last().rsi_14).toBeGreaterThan(before ?? Number.NaN);
    expect(last().last_updated).toBe('2026-11-23T07:00:02Z');
  });

  test('orders nothing by a time that has turned out to be ahead', () => {
    const { clock, feed, last, putRight } = setUpAhead();
    feed.accept([market(TOMORROW)]);
    putRight();
    feed.accept([market(clock.now(), 2.5e12)]);
    clock.advance(250);
    expect(last()).toMatchObject({ market_cap: 2.5e12, last_updated: '2026-11-23T07:00:01Z' });
    // Within what clocks may be apart order holds.
    feed.accept([{ ...market(START - 59_000, 2.4e12), receivedAtMs: START - 59_000 }]);
    clock.advance(250);
    expect(last().market_cap).toBe(2.5e12);
  });

  describe('that goes back over a midnight in UTC', () => {
    const MIDNIGHT = Math.floor(TOMORROW / DAY_MS) * DAY_MS;

    /** The exchange goes on to tell its own times: a price at `atMs` of its clock, received now. */
    const begun = () => {
      const world = setUp(EMPTY, MIDNIGHT + 30_000);
      const { clock, feed } = world;
      const price = (atMs: number, usd: number) =>
        feed.accept([{ ...streamed(atMs, usd), receivedAtMs: clock.now() }]);
      feed.accept([candles(clock.now())]);
      price(clock.now(), 985);
      clock.advance(1000);
      expect(world.last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'live' });
      return { ...world, price };
    };

    test('shows no RSI live of a time that has yet to come, but one of the day that it is now', () => {
      const { clock, feed, last, price } = begun();
      clock.setWall(clock.now() - DAY_MS);
      for (let s = 2; s < 20; s++) {
        price(MIDNIGHT + 30_000 + s * 1000, 990);
        clock.advance(1000);
        expect(last().freshness.rsi_14.state).toBe('stale');
      }
      feed.accept([candles(clock.now())]);
      price(MIDNIGHT + 60_000, 1010);
      clock.advance(250);
      const { rsi_14 } = last();
      expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'live' });
      expect(Date.parse(last().freshness.rsi_14.as_of ?? '')).toBeLessThanOrEqual(clock.now());
      price(MIDNIGHT + 61_000, 1030);
      clock.advance(250);
      expect(last().rsi_14).toBeGreaterThan(rsi_14 ?? Number.NaN);
    });

    test('shows none either when it goes back twice, and no price comes after that', () => {
      const { clock, feed, last } = begun();
      clock.setWall(MIDNIGHT - 20_000);
      feed.accept([timeless(streamed(clock.now(), 990))]);
      clock.advance(1000);
      clock.setWall(MIDNIGHT - 3_600_000);
      clock.advance(15_000);
      expect(last().freshness.rsi_14.state).toBe('stale');
    });
  });

  describe('and a document inherited from then', () => {
    const inherited = (): DashboardDocument => {
      const { feed, last } = setUpAhead();
      const priced = [timeless(streamed(TOMORROW, 77_705)), candles(TOMORROW)];
      feed.accept([timeless(market(TOMORROW)), ...priced]);
      return last();
    };

    test('lets what less preferred sources say take its place at once', () => {
      const { clock, feed, last } = setUp(inherited());
      expect(last().freshness.market).toMatchObject({ source: 'coingecko', state: 'stale' });
      expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'stale' });
      expect(last()).toMatchObject({ btc_price_usd: 77_705, last_updated: null });
      const paprika = market(clock.now(), 2.3e12, 'coinpaprika');
      feed.accept([paprika, streamed(clock.now(), 77_710, 'kraken')]);
      feed.accept([candles(clock.now(), 20, 'kraken')]);
      clock.advance(250);
      expect(last().freshness.market).toMatchObject({ source: 'coinpaprika', state: 'live' });
      expect(last().freshness.rsi_14).toMatchObject({ source: 'kraken', state: 'live' });
      expect(last().coins.BTC).toMatchObject({ source: 'kraken', state: 'live' });
    });

    test('does not show it as live when its moment has come', () => {
      const { clock, last } = setUp(inherited());
      clock.advance(DAY_MS);
      expect(last().freshness.market.state).toBe('stale');
      expect(last().coins.BTC?.state).toBe('stale');
    });

    test('finds out later, when the clock is put right during the term', () => {
      const { clock, feed, last } = setUp(inherited(), TOMORROW + 1000);
      expect(last().freshness.market.state).toBe('live');
      clock.setWall(START);
      clock.advance(15_000);
      expect(last().freshness.market.state).toBe('stale');
      clock.advance(DAY_MS - 15_000);
      feed.accept([fng(clock.now(), 27)]);
      clock.advance(250);
      expect(last().freshness.market.state).toBe('stale');
    });
  });
});
