import { describe, expect, test } from 'bun:test';
import type { DashboardDocument } from '../../contract/index.ts';
import {
  base,
  candles,
  coin,
  EMPTY,
  failing,
  fng,
  market,
  START,
  setUp,
  streamed,
} from './test-feed.ts';

describe('the feed', () => {
  describe('the choice among sources', () => {
    test('prefers the better source while it is live, and says whose figure it is', () => {
      const { clock, feed, last } = setUp();
      feed.accept([coin(START, 77_705, 'binance', 60), coin(START, 77_000, 'coingecko')]);
      expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 77_705 });
      clock.advance(75_001);
      expect(last().coins.BTC).toMatchObject({
        source: 'coingecko',
        price_usd: 77_000,
        state: 'live',
      });
    });

    test('keeps the last shown, stale, when none is live', () => {
      const { clock, feed, last } = setUp();
      feed.accept([coin(START, 77_705, 'kraken', 60)]);
      feed.accept([coin(START, 77_000, 'coingecko')]);
      clock.advance(2_000_000);
      expect(last().coins.BTC).toMatchObject({ source: 'coingecko', state: 'stale' });
    });

    test('is not kept from a polled price by a stream’s that was old when it came', () => {
      const { clock, feed, last } = setUp();
      feed.accept([streamed(START - 61_000, 77_600, 'kraken')]);
      clock.advance(1000);
      const old = { ...streamed(START - 60_000, 77_601, 'kraken'), receivedAtMs: clock.now() };
      feed.accept([coin(clock.now(), 77_000), old]);
      clock.advance(1000);
      expect(last().coins.BTC).toMatchObject({ source: 'coingecko', state: 'live' });
    });

    test('lets a polled price take over from a stream only once it was asked anew', () => {
      const { clock, feed, last } = setUp();
      feed.accept([coin(START, 77_000, 'coingecko')]);
      clock.advance(1000);
      feed.accept([streamed(clock.now(), 77_705, 'kraken')]);
      feed.connectionLost('kraken stream 1');
      clock.advance(1000);
      expect(last().coins.BTC).toMatchObject({ source: 'kraken', state: 'stale' });
      feed.accept([coin(clock.now(), 77_100, 'coingecko')]);
      clock.advance(1000);
      expect(last().coins.BTC).toMatchObject({ source: 'coingecko', price_usd: 77_100 });
      expect(last().coins.BTC?.state).toBe('live');
    });
  });

  describe('a document inherited from an earlier term', () => {
    const inheritedFrom = (at: number): DashboardDocument => {
      const { feed, last } = setUp(EMPTY, at);
      feed.accept([market(at), coin(at, 77_705, 'binance', 900), fng(at - 1000, 26)]);
      return last();
    };

    test('is shown at once, every state judged anew from its age', () => {
      const { last } = setUp(inheritedFrom(START - 3_600_000));
      expect(last()).toMatchObject({ market_cap: 2.6e12, btc_price_usd: 77_705, fng_value: 26 });
      expect(last().freshness.market.state).toBe('stale');
      expect(last().coins.BTC?.state).toBe('stale');
      expect(last().freshness.fng.state).toBe('live');
      expect(last().freshness.market.as_of).toBe('2026-11-23T06:00:00Z');
    });

    test('stands against a source less preferred until its own source is found failing', () => {
      const { clock, feed, last } = setUp(inheritedFrom(START - 10_000));
      feed.accept([coin(START, 77_000, 'coingecko')]);
      clock.advance(1000);
      expect(last().coins.BTC?.source).toBe('binance');
      feed.report(new Map([['binance', failing]]));
      clock.advance(1000);
      expect(last().coins.BTC).toMatchObject({ source: 'coingecko', price_usd: 77_000 });
    });

    test('gives way to its own source, also when that speaks of an earlier moment', () => {
      const { clock, feed, last } = setUp(inheritedFrom(START - 10_000));
      feed.accept([market(START - 60_000, 2.5e12)]);
      clock.advance(1000);
      expect(last().market_cap).toBe(2.5e12);
    });

    test('is not believed about which source fails: only this term’s own words are', () => {
      const held = inheritedFrom(START - 10_000);
      const failed = { state: 'failing', last_success_at: null, next_attempt_at: null } as const;
      const entry = { ...failed, error: null, deviation_percent: null };
      const { feed, clock, last } = setUp({ ...held, sources: { coingecko: entry } });
      expect(last().freshness.market.state).toBe('live');
      expect(last().sources.coingecko?.state).toBe('failing');
      feed.report(new Map([['coingecko', failing]]));
      clock.advance(1000);
      expect(last().freshness.market.state).toBe('stale');
    });

    test('is live for no longer than this node would let it be', () => {
      const held = inheritedFrom(START - 1_000_000);
      const market = { ...held.freshness.market, stale_after_s: 259_200, state: 'live' } as const;
      const { last } = setUp({ ...held, freshness: { ...held.freshness, market } });
      expect(last().freshness.market).toMatchObject({ state: 'live', stale_after_s: 1800 });
      const old = { ...market, as_of: '2026-11-23T06:00:00Z' };
      const later = setUp({ ...held, freshness: { ...held.freshness, market: old } });
      expect(later.last().freshness.market.state).toBe('stale');
    });

    test('gives no figure of a source that is switched off', () => {
      const reading = { ...base('taapi', START, 900), figure: 'rsi_14_taapi', value: 40 } as const;
      const before = setUp();
      before.feed.accept([reading, market(START)]);
      expect(before.last()).toMatchObject({ rsi_14: 40, rsi_14_taapi: 40 });
      const { last } = setUp(before.last(), START, ['taapi']);
      expect(last()).toMatchObject({ rsi_14: null, rsi_14_taapi: null, market_cap: 2.6e12 });
      expect(last().sources.taapi?.state).toBe('off');
    });

    test('lets TAAPI’s RSI take the place of one from candles that no longer stands', () => {
      const before = setUp(EMPTY, START - 60_000);
      before.feed.accept([candles(START - 60_000)]);
      const { clock, feed, last } = setUp(before.last());
      feed.accept([{ ...base('taapi', START, 900), figure: 'rsi_14_taapi', value: 40 }]);
      clock.advance(1000);
      expect(last()).toMatchObject({ rsi_14: 0, rsi_14_taapi: 40 });
      feed.report(new Map([['binance', failing]]));
      clock.advance(1000);
      expect(last().rsi_14).toBe(40);
      expect(last().freshness.rsi_14).toMatchObject({ source: 'taapi', state: 'live' });
      feed.accept([candles(clock.now())]);
      clock.advance(1000);
      expect(last().freshness.rsi_14.source).toBe('binance');
    });

    test('follows the configured coins: others go, new ones are unread', () => {
      const held = inheritedFrom(START);
      const { last } = setUp({ ...held, coins: { BTC: held.coins.BTC ?? never(), XMR: never() } });
      expect(Object.keys(last().coins)).toEqual(['BTC', 'ETH']);
    });
  });
});

function never(): DashboardDocument['coins'][string] {
  return { ...Object.values(EMPTY.coins)[0] } as DashboardDocument['coins'][string];
}
