import { describe, expect, test } from 'bun:test';
import { EXCHANGES, type SourceId } from '../../contract/index.ts';
import { coin, ok, START, setUp, streamed } from './test-feed.ts';

/** Prices by exchange; `null` for one that streams none. */
type Prices = readonly [binance: number | null, coinbase: number | null, kraken: number | null];

describe('the feed and an exchange that deviates', () => {
  /** The three exchanges' prices, once a second. */
  function stream() {
    const { clock, feed, emitted, last } = setUp();
    feed.report(new Map(EXCHANGES.map((id) => [id, ok])));
    const run = (prices: Prices, seconds: number) => {
      for (let s = 0; s < seconds; s++) {
        feed.accept(
          EXCHANGES.flatMap((id, index) => {
            const price = prices[index] ?? null;
            return price === null ? [] : [streamed(clock.now(), price, id)];
          }),
        );
        clock.advance(1000);
      }
    };
    return { clock, feed, emitted, last, run };
  }

  test('shows the next one, says so, and takes it back by itself', () => {
    const { last, run } = stream();
    run([102, 100, 100.1], 9);
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 102 });
    run([102, 100, 100.1], 3);
    expect(last().coins.BTC).toMatchObject({ source: 'coinbase', price_usd: 100, state: 'live' });
    expect(last().sources.binance).toMatchObject({
      state: 'set_aside',
      deviation_percent: 1.9,
      last_success_at: '2026-11-23T07:00:00Z',
    });
    expect(last().btc_spread).toEqual({
      percent: 0.1,
      prices: { binance: null, coinbase: 100, kraken: 100.1 },
    });
    run([100, 100, 100.1], 12);
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 100 });
    expect(last().sources.binance).toMatchObject({ state: 'ok', deviation_percent: null });
  });

  test('needs no frame to do so', () => {
    const { clock, feed, last, run } = stream();
    run([102, 100, 100.1], 1);
    clock.advance(10_000);
    expect(last().sources.binance?.state).toBe('set_aside');
    expect(last().coins.BTC?.source).toBe('coinbase');
    feed.accept([streamed(clock.now(), 100, 'binance')]);
    clock.advance(10_250);
    expect(last().sources.binance?.state).toBe('ok');
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 100, state: 'live' });
  });

  test('shows nothing of it because the good ones are gone, for however short or long', () => {
    const { clock, feed, emitted, last, run } = stream();
    run([120, 100, 100], 12);
    const before = emitted.length;
    for (let cut = 1; cut <= 4; cut++) {
      feed.connectionLost(`coinbase stream ${cut}`);
      feed.connectionLost(`kraken stream ${cut}`);
      run([120, null, null], 1);
      expect(last().coins.BTC).toMatchObject({ price_usd: 100, state: 'stale' });
      const stream = cut + 1;
      feed.accept([
        streamed(clock.now(), 100, 'coinbase', stream),
        streamed(clock.now(), 100, 'kraken', stream),
      ]);
      run([120, null, null], 14);
    }
    feed.connectionLost('coinbase stream 5');
    feed.connectionLost('kraken stream 5');
    run([120, null, null], 60);
    feed.accept([coin(clock.now(), 100.1)]);
    run([120, null, null], 60);
    expect(last().coins.BTC).toMatchObject({
      source: 'coingecko',
      price_usd: 100.1,
      state: 'live',
    });
    expect(last().sources.binance).toMatchObject({ state: 'set_aside', deviation_percent: 19.88 });
    expect(last().btc_spread).toBeNull();
    feed.accept([streamed(clock.now(), 100, 'coinbase', 6)]);
    run([120, null, null], 20);
    expect(last().coins.BTC).toMatchObject({ source: 'coinbase', price_usd: 100, state: 'live' });
    const told = emitted.slice(before).map(({ document }) => document);
    expect(told.every(({ sources }) => sources.binance?.state === 'set_aside')).toBe(true);
    expect(told.some(({ btc_price_usd }) => btc_price_usd === 120)).toBe(false);
  });

  test('takes it back when it agrees with a polled price, and nobody else streams one', () => {
    const { clock, feed, last, run } = stream();
    run([120, 100, 100], 12);
    feed.connectionLost('coinbase stream 1');
    feed.connectionLost('kraken stream 1');
    feed.accept([coin(clock.now(), 100)]);
    run([100.5, null, null], 9);
    expect(last().coins.BTC).toMatchObject({ source: 'coingecko', state: 'live' });
    run([100.5, null, null], 2);
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 100.5, state: 'live' });
    expect(last().sources.binance).toMatchObject({ state: 'ok', deviation_percent: null });
  });

  test('does not go by a polled price that is stale or of a clock that was ahead', () => {
    const { clock, feed, last, run } = stream();
    run([120, 100, 100], 12);
    feed.accept([{ ...coin(clock.now(), 120), staleAfterS: 9 }]);
    feed.connectionLost('coinbase stream 1');
    feed.connectionLost('kraken stream 1');
    run([120, null, null], 60);
    expect(last().sources.binance).toMatchObject({ state: 'set_aside', deviation_percent: null });
    const aheadMs = clock.now() + 3_600_000;
    feed.accept([{ ...coin(aheadMs, 120), receivedAtMs: aheadMs }]);
    run([120, null, null], 60);
    expect(last().sources.binance).toMatchObject({ state: 'set_aside', deviation_percent: null });
    expect(last().coins.BTC?.state).toBe('stale');
  });

  test('shows it after ten minutes in which nobody else had a price, needing no frame for that', () => {
    const { clock, feed, last, run } = stream();
    run([120, 100, 100], 12);
    feed.connectionLost('coinbase stream 1');
    feed.connectionLost('kraken stream 1');
    run([120, null, null], 570);
    // Its last price is live all that time.
    clock.advance(29_000);
    expect(last().coins.BTC).toMatchObject({ price_usd: 100, state: 'stale' });
    clock.advance(2000);
    expect(last().coins.BTC).toMatchObject({ source: 'binance', price_usd: 120, state: 'live' });
    expect(last().sources.binance).toMatchObject({ state: 'ok', deviation_percent: null });
    feed.accept([streamed(clock.now(), 100, 'coinbase', 2)]);
    clock.advance(250);
    expect(last().coins.BTC).toMatchObject({ source: 'coinbase', price_usd: 100, state: 'live' });
    expect(last().sources.binance).toMatchObject({ state: 'set_aside', deviation_percent: 20 });
  });

  test('is not set aside when it was right, or one of three was not there, between two flushes', () => {
    const { clock, feed, last, run } = stream();
    run([102, 100, 100], 9);
    for (const price of [102, 100, 102]) feed.accept([streamed(clock.now(), price, 'binance')]);
    run([102, 100, 100], 9);
    feed.accept([streamed(clock.now(), 102, 'binance')]);
    feed.connectionLost('kraken stream 1');
    feed.accept([streamed(clock.now(), 100, 'kraken', 2)]);
    clock.advance(9000);
    expect(last().sources.binance?.state).toBe('ok');
    clock.advance(1500);
    expect(last().sources.binance?.state).toBe('set_aside');
  });

  test('has no entry before there is a word of it', () => {
    const { clock, feed, emitted, last } = setUp();
    feed.accept([streamed(START, 102, 'binance'), streamed(START, 100, 'coinbase')]);
    feed.accept([streamed(START, 100, 'kraken')]);
    clock.advance(20_000);
    expect(last().coins.BTC?.source).toBe('coinbase');
    clock.advance(60_000);
    expect(emitted.every(({ document }) => Object.keys(document.sources).length === 0)).toBe(true);
  });

  test('leaves a word that is worse, and says the deviation beside it', () => {
    const { feed, last, run } = stream();
    run([102, 100, 100], 12);
    feed.report(new Map([['binance', { ...ok, state: 'failing' }]]));
    run([102, 100, 100], 1);
    expect(last().sources.binance).toMatchObject({ state: 'failing', deviation_percent: 2 });
  });

  test('shows none of its other prices either, but a polled one where there is no third', () => {
    const { clock, feed, last, run } = stream();
    const ofEth = (usd: number, source: SourceId) => ({
      ...streamed(clock.now(), usd, source),
      symbol: 'ETH',
    });
    feed.accept([ofEth(3060, 'binance')]);
    run([102, 100, 100], 12);
    expect(last().coins.ETH).toMatchObject({ source: 'binance', state: 'stale' });
    expect(feed.unstreamedCoins()).toEqual(['ETH']);
    const polled = { ...ofEth(3000, 'coingecko'), connection: '/simple/price' };
    feed.accept([polled, ofEth(3061, 'binance')]);
    clock.advance(250);
    expect(last().coins.ETH).toMatchObject({ source: 'coingecko', state: 'live' });
  });

  test('gives its place at once to a polled price that came after its last word', () => {
    const { clock, feed, last, run } = stream();
    const ofEth = (usd: number, source: SourceId) => ({
      ...streamed(clock.now(), usd, source),
      symbol: 'ETH',
    });
    feed.accept([ofEth(3060, 'binance')]);
    feed.accept([ofEth(3000, 'coingecko')]);
    run([102, 100, 100], 1);
    expect(last().coins.ETH).toMatchObject({ source: 'binance', state: 'live' });
    run([102, 100, 100], 10);
    expect(last().coins.ETH).toMatchObject({ source: 'coingecko', state: 'live' });
  });

  test('lets a polled price take over only once it was asked anew, or another exchange streams the coin', () => {
    const begun = (isAgain: boolean) => {
      const { clock, feed, last, run } = stream();
      const ofEth = (usd: number, source: SourceId) => ({
        ...streamed(clock.now(), usd, source),
        symbol: 'ETH',
      });
      const polled = () => ({ ...ofEth(3000, 'coingecko'), staleAfterS: 900 });
      feed.accept([polled()]);
      // Set aside, and in the one case for a second time.
      run([100, 100, 100], 1);
      feed.accept([ofEth(3060, 'binance')]);
      run([102, 100, 100], 12);
      if (isAgain) {
        run([100, 100, 100], 12);
        feed.accept([polled(), ofEth(3060, 'binance')]);
        run([102, 100, 100], 12);
      }
      feed.accept([ofEth(3061, 'binance')]);
      clock.advance(250);
      return { clock, feed, last, ofEth, polled };
    };
    for (const isAgain of [false, true]) {
      const { clock, feed, last, ofEth, polled } = begun(isAgain);
      expect(last().coins.ETH).toMatchObject({ source: 'binance', state: 'stale' });
      feed.connectionLost('binance stream 1');
      clock.advance(250);
      expect(last().coins.ETH).toMatchObject({ source: 'binance', state: 'stale' });
      feed.accept([{ ...polled(), eventTimeMs: null }]);
      clock.advance(250);
      expect(last().coins.ETH).toMatchObject({ source: 'coingecko', state: 'live' });
      feed.accept([ofEth(3001, 'kraken')]);
      clock.advance(250);
      expect(last().coins.ETH).toMatchObject({ source: 'kraken', state: 'live' });
    }
    const { clock, feed, last, ofEth } = begun(false);
    feed.accept([ofEth(3001, 'kraken')]);
    clock.advance(250);
    expect(last().coins.ETH).toMatchObject({ source: 'kraken', state: 'live' });
  });

  test('puts the deviation into no more than one patch in five seconds', () => {
    const { clock, feed, emitted, run } = stream();
    run([102, 100, 100], 12);
    const before = emitted.length;
    for (let tick = 0; tick < 100; tick++) {
      feed.accept([streamed(clock.now(), 102 + tick / 100, 'binance')]);
      clock.advance(100);
    }
    const told = emitted.slice(before).map(({ document }) => document.sources.binance);
    expect(new Set(told.map((entry) => entry?.deviation_percent)).size).toBeLessThanOrEqual(3);
    expect(told.length).toBeLessThan(20);
  });
});
