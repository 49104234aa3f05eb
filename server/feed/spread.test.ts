import { describe, expect, test } from 'bun:test';
import { coin, START, setUp, streamed } from './test-feed.ts';

describe('the spread of BTC', () => {
  test('is between the live exchanges, with a key for everyone in use and null for who is not live', () => {
    const { clock, feed, last } = setUp();
    feed.accept([streamed(START, 77_705, 'binance'), streamed(START, 77_718.2, 'coinbase')]);
    expect(last().btc_spread).toEqual({
      percent: 0.02,
      prices: { binance: 77_705, coinbase: 77_718.2, kraken: null },
    });
    feed.accept([streamed(START, 77_600, 'kraken')]);
    clock.advance(250);
    expect(last().btc_spread?.percent).toBe(0.15);
    feed.connectionLost('coinbase stream 1');
    clock.advance(250);
    expect(last().btc_spread?.prices).toEqual({ binance: 77_705, coinbase: null, kraken: 77_600 });
  });

  test('is not there with fewer than two, however it came to that', () => {
    const { clock, feed, last } = setUp();
    feed.accept([streamed(START, 77_600, 'kraken'), coin(START, 77_000)]);
    clock.advance(30_000);
    feed.accept([streamed(clock.now(), 77_705, 'binance')]);
    clock.advance(30_000);
    expect(last().btc_spread).not.toBeNull();
    clock.advance(251);
    expect(last().btc_spread).toBeNull();
    expect(last().coins.BTC).toMatchObject({ source: 'binance', state: 'live' });
  });

  test('knows nothing of an exchange that is switched off', () => {
    const { feed, last } = setUp(undefined, START, ['coinbase']);
    feed.accept([streamed(START, 100, 'binance'), streamed(START, 100, 'kraken')]);
    expect(last().btc_spread).toEqual({ percent: 0, prices: { binance: 100, kraken: 100 } });
  });

  test('is not told when it cannot be a figure', () => {
    const { feed, last } = setUp();
    feed.accept([streamed(START, 1e-300, 'binance'), streamed(START, 1e300, 'kraken')]);
    expect(last().btc_price_usd).toBe(1e-300);
    expect(last().btc_spread).toBeNull();
  });
});
