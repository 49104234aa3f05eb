import { describe, expect, test } from 'bun:test';
import type { Frame } from '../stream.ts';
import { describeStreamContract } from '../stream-contract.ts';
import sample from './fixtures/ticker.json';
import { tickerStream } from './ticker.ts';

describeStreamContract('the ticker of Coinbase', tickerStream, sample);

const COINS = ['BTC', 'ETH'];
const TIME_MS = Date.UTC(2026, 10, 23, 6, 59, 59, 200);

const read = (body: unknown): Frame => tickerStream.read(JSON.stringify(body), COINS);

const valueOfSample = {
  price_usd: 77718.2,
  change_24h: -1.409751425545009,
  high_24h: 79011.7,
  low_24h: 76510.01,
  volume_24h_usd: 631_091_213.55,
};

const valuesOf = (frame: Frame) =>
  frame.kind === 'prices' ? frame.prices.map(({ value }) => value) : frame.kind;

describe('the stream of Coinbase', () => {
  test('is asked for each coin by itself, so that an unknown one harms no other', () => {
    expect(tickerStream.address()).toBe('/');
    expect(tickerStream.hello(COINS).map((text) => JSON.parse(text))).toEqual([
      { type: 'subscribe', product_ids: ['BTC-USD'], channels: ['ticker', 'heartbeat'] },
      { type: 'subscribe', product_ids: ['ETH-USD'], channels: ['ticker', 'heartbeat'] },
    ]);
    expect(1000 / tickerStream.minMessageIntervalMs).toBeLessThanOrEqual(100);
  });

  test('gives the change from the price of 24 hours ago, and coins traded in dollars', () => {
    expect(read(sample)).toEqual({
      kind: 'prices',
      prices: [{ symbol: 'BTC', eventTimeMs: TIME_MS, value: valueOfSample }],
    });
  });

  test('pitfall 44: without a price of 24 hours ago there is no change, but a price', () => {
    for (const open_24h of ['0', '', 'NaN', 78829.5, null, undefined]) {
      expect(valuesOf(read({ ...sample, open_24h }))).toEqual([
        { ...valueOfSample, change_24h: null },
      ]);
    }
  });

  test('knows no dollars of coins that were not traded, or of more than there can be', () => {
    for (const volume_24h of ['0.00000000', '-1', '', 8120, '9'.repeat(308), undefined]) {
      expect(valuesOf(read({ ...sample, volume_24h }))).toEqual([
        { ...valueOfSample, volume_24h_usd: null },
      ]);
    }
  });

  test('takes a ticker without a time, but none whose time cannot be read', () => {
    const { time: _, ...timeless } = sample;
    expect(read(timeless)).toMatchObject({ kind: 'prices', prices: [{ eventTimeMs: null }] });
    for (const time of ['', 'soon', '1970-01-01T00:00:00Z', '2026-11-23T06:59:59', 1, null]) {
      expect(read({ ...sample, time })).toEqual({ kind: 'unreadable' });
    }
  });

  test.each([
    { price: '0' },
    { price: '-5' },
    { price: 77718.2 },
    { price: '' },
    { product_id: 7 },
  ])('cannot be read with %j', (fields) => {
    expect(read({ ...sample, ...fields })).toEqual({ kind: 'unreadable' });
  });

  test('gives no price in another currency', () => {
    for (const product_id of ['BTC-EUR', 'BTC-USDT', 'BTC-USDC', 'BTC', '-USD', 'SOL-USD']) {
      expect(read({ ...sample, product_id })).toEqual({ kind: 'alive', eventTimeMs: null });
    }
  });

  test('lives by heartbeats, with their time', () => {
    const time = '2026-11-23T07:00:00.000001Z';
    expect(read({ type: 'heartbeat', sequence: 90, product_id: 'BTC-USD', time })).toEqual({
      kind: 'alive',
      eventTimeMs: Date.UTC(2026, 10, 23, 7),
    });
  });

  test.each([
    { type: 'subscriptions', channels: [{ name: 'ticker', product_ids: ['BTC-USD'] }] },
    { type: 'last_match', product_id: 'BTC-USD', price: '77718.2' },
    { type: 'something_new' },
    { type: 'error', message: 'Failed to subscribe', reason: 'BNB-USD is not a valid product' },
    { type: 'error', message: 'Failed to subscribe' },
    { type: 'error' },
  ])('takes %j for a sign of life', (body) => {
    expect(read(body)).toEqual({ kind: 'alive', eventTimeMs: null });
  });

  test.each([
    ['rate_limited', 'Rate limit exceeded', undefined],
    ['rate_limited', 'Failed to subscribe', 'Too many requests'],
    ['blocked', 'Failed to subscribe', 'ticker now requires authentication'],
  ] as const)(
    'is refused, %s, by an error that is about more than one coin',
    (code, message, reason) => {
      expect(read({ type: 'error', message, reason })).toEqual({ kind: 'refused', code });
    },
  );
});
