import { describe, expect, test } from 'bun:test';
import { rsi } from '../indicators/rsi.ts';
import { base, candles, DAY_MS, EMPTY, failing, ok, START, setUp, streamed } from './test-feed.ts';

/** What the wire shows of the RSI over the candles of the fixture with another last close, or more closes. */
const shown = (...lastCloses: number[]) => {
  const closes = candles(START)
    .value.slice(0, -1)
    .map(([, , , , close]) => close);
  return Number((rsi([...closes, ...lastCloses]) ?? Number.NaN).toFixed(2));
};

describe('the RSI of the document', () => {
  test('comes from the candles, is live only on the newest candle’s UTC day', () => {
    const { clock, feed, last } = setUp(EMPTY, Date.UTC(2026, 10, 23, 23, 55, 0));
    feed.accept([candles(clock.now())]);
    expect(last().rsi_14).toBe(0);
    expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'live' });
    clock.advance(300_000 + 15_000);
    expect(last().freshness.rsi_14.state).toBe('stale');
  });

  test('is TAAPI’s only while no candles are known', () => {
    const { clock, feed, last } = setUp();
    feed.accept([{ ...base('taapi', START, 900), figure: 'rsi_14_taapi', value: 33.448_408 }]);
    expect(last()).toMatchObject({ rsi_14: 33.45, rsi_14_taapi: 33.45 });
    expect(last().freshness.rsi_14.source).toBe('taapi');
    clock.advance(1000);
    feed.accept([candles(clock.now())]);
    expect(last()).toMatchObject({ rsi_14: 0, rsi_14_taapi: 33.45 });
    expect(last().freshness.rsi_14.source).toBe('binance');
  });

  test('is unknown from fewer than fifteen closes', () => {
    const { feed, last } = setUp();
    feed.accept([candles(START, 14)]);
    expect(last().rsi_14).toBeNull();
    expect(last().freshness.rsi_14.state).toBe('unavailable');
  });

  describe('with a stream', () => {
    test('moves with every price of the exchange whose candles it is from, and with no other’s', () => {
      const { clock, feed, last } = setUp();
      feed.accept([candles(START), streamed(START, 985)]);
      expect(last()).toMatchObject({ rsi_14: shown(985), btc_price_usd: 985 });
      expect(last().freshness.rsi_14).toEqual({
        source: 'binance',
        as_of: '2026-11-23T07:00:00Z',
        state: 'live',
        stale_after_s: 60,
      });
      clock.advance(5000);
      feed.accept([streamed(clock.now(), 986, 'kraken')]);
      clock.advance(250);
      expect(last().rsi_14).toBe(shown(985));
      feed.accept([streamed(clock.now(), 987)]);
      clock.advance(250);
      expect(last().rsi_14).toBe(shown(987));
      expect(last().freshness.rsi_14.as_of).toBe('2026-11-23T07:00:05Z');
    });

    test('is stale when the stream is lost, until newer candles come: then it is as young as they are', () => {
      const { clock, feed, last } = setUp();
      feed.accept([candles(START), streamed(START, 985)]);
      clock.advance(1000);
      feed.connectionLost('binance stream 1');
      expect(last().freshness.rsi_14).toMatchObject({ state: 'stale', stale_after_s: 60 });
      expect(last().rsi_14).toBe(shown(985));
      clock.advance(1000);
      feed.accept([candles(clock.now())]);
      expect(last().rsi_14).toBe(shown(981));
      expect(last().freshness.rsi_14).toMatchObject({
        ...{ state: 'live', stale_after_s: 900, as_of: '2026-11-23T07:00:02Z' },
      });
    });

    test('is stale a minute after the last price', () => {
      const { clock, feed, last } = setUp();
      feed.accept([candles(START), streamed(START, 985)]);
      clock.advance(60_000);
      expect(last().freshness.rsi_14.state).toBe('live');
      clock.advance(251);
      expect(last().freshness.rsi_14.state).toBe('stale');
    });

    test('is of an exchange that streams before one with candles alone, and of the better one of two', () => {
      const { clock, feed, last } = setUp();
      feed.accept([candles(START), candles(START, 20, 'kraken'), streamed(START, 985, 'kraken')]);
      expect(last().freshness.rsi_14).toMatchObject({ source: 'kraken', stale_after_s: 60 });
      feed.accept([streamed(START, 986)]);
      clock.advance(250);
      expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', stale_after_s: 60 });
      feed.connectionLost('binance stream 1');
      clock.advance(250);
      expect(last().freshness.rsi_14).toMatchObject({ source: 'kraken', state: 'live' });
      expect(last().rsi_14).toBe(shown(985));
    });

    test('passes to another’s candles only when they are newer than the stream’s last word', () => {
      const { clock, feed, last } = setUp();
      feed.accept([candles(START), candles(START, 30, 'coinbase'), streamed(START, 985)]);
      clock.advance(1000);
      feed.connectionLost('binance stream 1');
      expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'stale' });
      feed.accept([candles(clock.now(), 30, 'coinbase')]);
      clock.advance(250);
      expect(last().freshness.rsi_14).toMatchObject({ source: 'coinbase', state: 'live' });
    });

    test('pitfall 46: goes on over midnight without a fetch, stale only while the new day has no price', () => {
      const night = Date.UTC(2026, 10, 23, 23, 59, 50);
      const { clock, feed, emitted, last } = setUp(EMPTY, night);
      feed.accept([candles(night)]);
      for (let s = 0; s < 20; s++) {
        if (s < 9 || s > 10) feed.accept([streamed(clock.now(), 980 + s)]);
        clock.advance(1000);
      }
      expect(last().rsi_14).toBe(shown(988, 999));
      expect(last().freshness.rsi_14).toMatchObject({ state: 'live', source: 'binance' });
      const states = emitted.map(({ document }) => document.freshness.rsi_14.state);
      expect(states.slice(states.indexOf('live')).join(' ')).toMatch(/^(live )+stale( live)+$/);
    });

    test('is stale without today’s candle: nobody knows the day between', () => {
      const { feed, last } = setUp();
      feed.accept([candles(START - 2 * DAY_MS), streamed(START, 985)]);
      expect(last().rsi_14).toBe(shown(981));
      expect(last().freshness.rsi_14).toMatchObject({
        ...{ state: 'stale', as_of: '2026-11-21T07:00:00Z' },
      });
    });

    test('is not live with a price of before a night without a stream: the next exchange’s candles are wanted', () => {
      const evening = Date.UTC(2026, 10, 23, 20, 0, 0);
      const { clock, feed, last } = setUp(EMPTY, evening);
      feed.accept([candles(evening), streamed(evening, 985)]);
      clock.advance(1000);
      feed.connectionLost('binance stream 1');
      clock.advance(6 * 3_600_000);
      feed.report(new Map([['binance', ok]]));
      const both = (usd: number) => [
        ...[streamed(clock.now(), usd, 'binance', 2), streamed(clock.now(), 1101, 'coinbase')],
      ];
      feed.accept(both(1100));
      clock.advance(250);
      expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'stale' });
      expect(last().freshness.rsi_14.as_of).toBe('2026-11-23T20:00:00Z');
      expect(feed.hasRunningCandles('binance')).toBe(false);
      feed.accept([...both(1102), candles(clock.now(), 20, 'coinbase')]);
      clock.advance(250);
      expect(last().freshness.rsi_14).toMatchObject({ source: 'coinbase', state: 'live' });
      expect(last().rsi_14).toBe(shown(1101));
      feed.accept([...both(1103), candles(clock.now())]);
      clock.advance(250);
      expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'live' });
      expect(last().rsi_14).toBe(shown(1103));
      expect(feed.hasRunningCandles('binance')).toBe(true);
    });

    test('pitfall 46: is of yesterday while only the time of yesterday’s last price moves on', () => {
      const night = Date.UTC(2026, 10, 23, 23, 59, 58);
      const { clock, feed, last } = setUp(EMPTY, night);
      feed.accept([candles(night), streamed(night, 985)]);
      clock.advance(20_000);
      const moved = { asOfMs: clock.now(), receivedAtMs: clock.now() };
      feed.accept([{ ...streamed(night, 985), ...moved }]);
      clock.advance(250);
      expect(last().coins.BTC).toMatchObject({ state: 'live', as_of: '2026-11-24T00:00:18Z' });
      expect(last().rsi_14).toBe(shown(985));
      expect(last().freshness.rsi_14).toMatchObject({
        ...{ state: 'stale', as_of: '2026-11-23T23:59:59Z' },
      });
    });

    test('takes no candles of a day that has not begun', () => {
      const { feed, last } = setUp();
      const tomorrow = candles(START + DAY_MS);
      feed.accept([{ ...tomorrow, asOfMs: START, receivedAtMs: START }]);
      expect(last().rsi_14).toBeNull();
    });

    test('has the candles’ own close while their exchange is set aside', () => {
      const { clock, feed, last } = setUp();
      feed.accept([candles(START)]);
      for (let s = 0; s < 12; s++) {
        feed.accept([streamed(clock.now(), 1020), streamed(clock.now(), 1000, 'coinbase')]);
        feed.accept([streamed(clock.now(), 1000, 'kraken')]);
        clock.advance(1000);
      }
      expect(last().rsi_14).toBe(shown(981));
      expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'stale' });
    });

    test('does without the price of an exchange that is set aside', () => {
      const { clock, feed, last } = setUp();
      feed.accept([candles(START), candles(START, 20, 'coinbase')]);
      for (let s = 0; s < 12; s++) {
        feed.accept([streamed(clock.now(), 1020), streamed(clock.now(), 1000, 'coinbase')]);
        feed.accept([streamed(clock.now(), 1000, 'kraken')]);
        clock.advance(1000);
      }
      expect(last()).toMatchObject({ rsi_14: shown(1000), btc_price_usd: 1000 });
      expect(last().freshness.rsi_14.source).toBe('coinbase');
      expect(feed.hasRunningCandles('binance')).toBe(false);
      expect(feed.hasRunningCandles('coinbase')).toBe(true);
    });
  });

  test('of an earlier term stands while it is live against a source less preferred', () => {
    const before = setUp();
    before.feed.accept([candles(START), streamed(START, 985)]);
    const { clock, feed, last } = setUp(before.last(), START + 1000);
    feed.accept([candles(START, 20, 'kraken'), streamed(START, 987, 'kraken')]);
    clock.advance(1000);
    expect(last().rsi_14).toBe(shown(985));
    expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'live' });
    feed.report(new Map([['binance', failing]]));
    clock.advance(1000);
    expect(last().freshness.rsi_14).toMatchObject({ source: 'kraken', state: 'live' });
  });

  test('of an earlier term is stale when its day is over', () => {
    const night = Date.UTC(2026, 10, 23, 23, 59, 58);
    const before = setUp(EMPTY, night);
    before.feed.accept([candles(night), streamed(night, 985)]);
    const { clock, last } = setUp(before.last(), night + 1000);
    expect(last().freshness.rsi_14.state).toBe('live');
    clock.advance(1300);
    expect(last().freshness.rsi_14.state).toBe('stale');
  });

  test('is TAAPI’s again when the candles are so old that they count as unknown', () => {
    const { clock, feed, last } = setUp();
    feed.accept([candles(START)]);
    const taapi = () => ({
      ...{ ...base('taapi', clock.now(), 900), figure: 'rsi_14_taapi' as const, value: 40 },
    });
    clock.advance(DAY_MS);
    feed.report(new Map([['binance', failing]]));
    feed.accept([taapi()]);
    clock.advance(250);
    expect(last().freshness.rsi_14).toMatchObject({ source: 'binance', state: 'stale' });
    clock.advance(DAY_MS);
    feed.accept([taapi()]);
    clock.advance(250);
    expect(last()).toMatchObject({ rsi_14: 40 });
    expect(last().freshness.rsi_14).toMatchObject({ source: 'taapi', state: 'live' });
  });
});
