import { describe, expect, test } from 'bun:test';
import { changed } from '../poll-contract.ts';
import type { Frame } from '../stream.ts';
import { describeStreamContract } from '../stream-contract.ts';
import sample from './fixtures/ticker.json';
import { tickerStream } from './ticker.ts';

describeStreamContract('the ticker of Kraken', tickerStream, sample);

const COINS = ['BTC', 'ETH'];
const TIME_MS = Date.UTC(2026, 10, 23, 6, 59, 59, 200);

const read = (body: unknown): Frame => tickerStream.read(JSON.stringify(body), COINS);

/** The sample with another field in its first ticker. */
const withField = (key: string, value?: unknown): unknown =>
  changed(sample, ['data', 0, key], value);

const BTC = {
  symbol: 'BTC',
  eventTimeMs: TIME_MS,
  value: {
    price_usd: 77699.9,
    change_24h: -1.4,
    high_24h: 78990,
    low_24h: 76502.1,
    volume_24h_usd: 2410.5 * 77500,
  },
};

const ETH = {
  symbol: 'ETH',
  eventTimeMs: TIME_MS - 300,
  value: {
    price_usd: 2080.8,
    change_24h: -1.48,
    high_24h: 2150.5,
    low_24h: 2040.1,
    volume_24h_usd: 30_100 * 2100,
  },
};

describe('the stream of Kraken', () => {
  test('is asked for all coins in one message', () => {
    expect(tickerStream.address()).toBe('/v2');
    expect(tickerStream.hello(COINS).map((text) => JSON.parse(text))).toEqual([
      { method: 'subscribe', params: { channel: 'ticker', symbol: ['BTC/USD', 'ETH/USD'] } },
    ]);
  });

  test('gives every ticker of a frame, first and later ones alike', () => {
    for (const type of ['snapshot', 'update']) {
      expect(read({ ...sample, type })).toEqual({ kind: 'prices', prices: [BTC, ETH] });
    }
  });

  test('pitfall 48: numbers are numbers in the stream, and text is none', () => {
    expect(read(withField('last', '77699.9'))).toEqual({ kind: 'prices', prices: [ETH] });
    const textual = { ...BTC, value: { ...BTC.value, change_24h: null } };
    expect(read(withField('change_pct', '-1.4'))).toEqual({
      kind: 'prices',
      prices: [textual, ETH],
    });
    const [btc] = sample.data;
    for (const last of ['77699.9', '', null, 0, -1, [77699.9]]) {
      expect(read({ ...sample, data: [{ ...btc, last }] })).toEqual({ kind: 'unreadable' });
    }
  });

  test('values what was traded at its mean price, and at the last one without that', () => {
    const volumes = [
      ['vwap', undefined, 2410.5 * 77699.9],
      ['vwap', 0, 2410.5 * 77699.9],
      ['volume', undefined, null],
      ['volume', 0, null],
      ['volume', 1e305, null],
    ] as const;
    for (const [key, value, volume_24h_usd] of volumes) {
      expect(read(withField(key, value))).toEqual({
        kind: 'prices',
        prices: [{ ...BTC, value: { ...BTC.value, volume_24h_usd } }, ETH],
      });
    }
  });

  test('takes a ticker without a time, but none whose time cannot be read', () => {
    const timeless = { ...BTC, eventTimeMs: null };
    expect(read(withField('timestamp'))).toEqual({ kind: 'prices', prices: [timeless, ETH] });
    for (const time of ['', 'soon', '1970-01-01T00:00:00Z', TIME_MS, null]) {
      expect(read(withField('timestamp', time))).toEqual({ kind: 'prices', prices: [ETH] });
    }
  });

  test('gives no price in another currency', () => {
    for (const symbol of ['BTC/EUR', 'BTC/USDT', 'XBT/USD', 'BTC', '/USD']) {
      expect(read(withField('symbol', symbol))).toEqual({ kind: 'prices', prices: [ETH] });
    }
  });

  test('cannot be read without a list of tickers', () => {
    for (const data of [undefined, null, {}, 'BTC/USD', 5]) {
      expect(read({ channel: 'ticker', type: 'update', data })).toEqual({ kind: 'unreadable' });
    }
  });

  test.each([
    { channel: 'heartbeat' },
    { channel: 'status', type: 'update', data: [{ system: 'online', version: '2.0.10' }] },
    { channel: 'ohlc', type: 'update', data: [{ symbol: 'BTC/USD', close: 77699.9 }] },
    { channel: 'ticker', type: 'update', data: [] },
    { method: 'pong' },
  ])('takes %j for a sign of life', (body) => {
    expect(read(body)).toEqual({ kind: 'alive', eventTimeMs: null });
  });

  test('takes the answers for each coin for signs of life, the refusal of one among them', () => {
    const times = {
      time_in: '2026-11-23T06:59:59.200001Z',
      time_out: '2026-11-23T06:59:59.200417Z',
    };
    const result = { channel: 'ticker', snapshot: true, symbol: 'BTC/USD' };
    expect(read({ method: 'subscribe', result, success: true, ...times })).toEqual({
      kind: 'alive',
      eventTimeMs: TIME_MS,
    });
    const error = 'Currency pair not supported RATE/USD';
    const refused = { method: 'subscribe', success: false, error, symbol: 'RATE/USD' };
    expect(read({ ...refused, ...times })).toEqual({ kind: 'alive', eventTimeMs: TIME_MS });
    expect(read(refused)).toEqual({ kind: 'alive', eventTimeMs: null });
  });

  test.each([
    ['bad_response', { method: 'error', success: false, error: 'Malformed request' }],
    ['rate_limited', { method: 'subscribe', success: false, error: 'Exceeded msg rate' }],
    ['rate_limited', { error: 'Exceeded msg rate', symbol: 'BTC/USD', success: false }],
    ['rate_limited', { Error: 'Exceeded msg rate' }],
  ] as const)('is refused, %s, by %j', (code, body) => {
    expect(read(body)).toEqual({ kind: 'refused', code });
  });
});
