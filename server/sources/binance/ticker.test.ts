import { describe, expect, test } from 'bun:test';
import type { Frame } from '../stream.ts';
import { describeStreamContract } from '../stream-contract.ts';
import sample from './fixtures/mini-ticker.json';
import { tickerStream } from './ticker.ts';

describeStreamContract('the ticker of Binance', tickerStream, sample);

const COINS = ['BTC', 'ETH', 'USDT'];
const TIME_MS = Date.UTC(2026, 10, 23, 6, 59, 59, 200);

const read = (body: unknown): Frame => tickerStream.read(JSON.stringify(body), COINS);

/** The sample's event, with other fields. */
const event = (fields: object): object => ({ ...sample.data, ...fields });

/** The whole of what `@ticker` sends. */
const fullTicker = event({
  e: '24hrTicker',
  p: '-1111.31000000',
  P: '-1.410',
  w: '77704.99000000',
  x: '78816.30000000',
  Q: '0.01000000',
  b: '77704.99000000',
  B: '1.50000000',
  a: '77705.00000000',
  A: '0.75000000',
  O: TIME_MS - 86_400_000,
  C: TIME_MS,
  F: 6_046_790_866,
  L: 6_054_521_811,
  n: 7_730_946,
});

const valuesOf = (frame: Frame) =>
  frame.kind === 'prices' ? frame.prices.map(({ value }) => value) : frame.kind;

const BTC = {
  symbol: 'BTC',
  eventTimeMs: TIME_MS,
  value: {
    price_usd: 77705,
    change_24h: -1.4100000367944119,
    high_24h: 79000,
    low_24h: 76500,
    volume_24h_usd: 2_105_845_906.6,
  },
};

describe('the stream of Binance', () => {
  test('is one connection for all coins, on which nothing is said', () => {
    expect(tickerStream.address(COINS)).toBe(
      '/stream?streams=btcusdt@miniTicker/ethusdt@miniTicker',
    );
    expect(tickerStream.hello()).toEqual([]);
  });

  test('is connected to anew an hour before the cut, and leaves room for a pong', () => {
    expect(tickerStream.maxConnectionMs).toBe(23 * 3600 * 1000);
    expect(1000 / tickerStream.minMessageIntervalMs + 1).toBeLessThanOrEqual(5);
  });

  test('gives price, change, range and the dollars traded, at the time of the event', () => {
    expect(read(sample)).toEqual({ kind: 'prices', prices: [BTC] });
  });

  test('pitfall 38: reads bare and wrapped events alike, and lists of them', () => {
    const prices = { kind: 'prices' as const, prices: [BTC] };
    expect(read(sample.data)).toEqual(prices);
    expect(read(fullTicker)).toEqual(prices);
    expect(read({ stream: 'btcusdt@ticker', data: fullTicker })).toEqual(prices);
    const others = ['ETHBTC', 'BTCUSD', '\u5e01USDT', 'USDTUSDT', 'USDT'].map((s) => event({ s }));
    const list = [...others, sample.data, event({ s: 'ETHUSDT', c: '2080.86000000' })];
    for (const frame of [list, { stream: '!miniTicker@arr', data: list }]) {
      expect(read(frame)).toMatchObject({
        prices: [BTC, { symbol: 'ETH', value: { price_usd: 2080.86 } }],
      });
    }
    expect(read(others)).toEqual({ kind: 'alive', eventTimeMs: null });
  });

  test.each([
    ['an acknowledgement', { result: null, id: 1 }, null],
    ['a list of streams', { result: ['btcusdt@miniTicker'], id: 3 }, null],
    ['an event of the order book, which has no type', { u: 7, s: 'BTCUSDT', b: '1.0' }, null],
    ['a candle', { e: 'kline', E: TIME_MS, s: 'BTCUSDT', k: { c: '1.0', x: true } }, TIME_MS],
    ['a trade', { e: 'aggTrade', E: TIME_MS, s: 'BTCUSDT', p: '1.0' }, TIME_MS],
    ['an event of a type to come', { e: 'somethingNew', E: TIME_MS, st: 1 }, TIME_MS],
    ['an event whose time is none', { e: 'somethingNew', E: 'soon' }, null],
  ])('pitfall 38: takes %s for a sign of life', (_, data, eventTimeMs) => {
    expect(read(data)).toEqual({ kind: 'alive', eventTimeMs });
    expect(read({ stream: 'x', data })).toEqual({ kind: 'alive', eventTimeMs });
  });

  test('pitfall 38: hears that the server is going away', () => {
    const shutdown = { e: 'serverShutdown', E: TIME_MS };
    expect(read(shutdown)).toEqual({ kind: 'going_away' });
    expect(read({ stream: '!serverShutdown', data: shutdown })).toEqual({ kind: 'going_away' });
  });

  test.each([
    [2, 'Invalid request: unknown variant', 'bad_response'],
    [-1003, 'Way too much weight', 'rate_limited'],
    [3, 'Too many requests', 'rate_limited'],
    [0, 'Service unavailable from a restricted location', 'blocked'],
  ] as const)('pitfall 38: is refused by error %d, in either form', (code, msg, refusal) => {
    const refused = { kind: 'refused' as const, code: refusal };
    expect(read({ code, msg })).toEqual(refused);
    expect(read({ error: { code, msg }, id: 1 })).toEqual(refused);
  });

  test('pitfall 38: cannot read an event of which nothing is known', () => {
    for (const body of [{ id: 1 }, { stream: 'x' }, { stream: 'x', data: 5 }, { e: 5 }]) {
      expect(read(body)).toEqual({ kind: 'unreadable' });
    }
  });

  test('pitfall 44: the change is what Binance itself calls it in per cent, from either event', () => {
    const day = { c: '68004.12000000', o: '69442.01000000' };
    for (const frame of [event(day), { ...fullTicker, ...day, P: '-2.071' }]) {
      const [value] = valuesOf(read(frame));
      expect(value).toMatchObject({ change_24h: expect.closeTo(-2.071, 3) });
    }
  });

  test('pitfall 44: without a price of 24 hours ago there is no change, but a price', () => {
    for (const o of ['0.00000000', '', '-1.0', 'NaN', null, 5, undefined]) {
      expect(valuesOf(read(event({ o })))).toEqual([{ ...BTC.value, change_24h: null }]);
    }
    // A thousandfold is a mistake of somebody's.
    expect(valuesOf(read(event({ o: '77.70500000' })))).toEqual([
      { ...BTC.value, change_24h: null },
    ]);
  });

  test('stands with its price alone', () => {
    const alone = { change_24h: null, high_24h: null, low_24h: null, volume_24h_usd: null };
    const { E, s, c } = sample.data;
    expect(valuesOf(read({ e: '24hrMiniTicker', E, s, c }))).toEqual([
      { ...alone, price_usd: 77705 },
    ]);
    expect(valuesOf(read(event({ h: 1, l: '', q: '0.00000000' })))).toEqual([
      { ...BTC.value, high_24h: null, low_24h: null, volume_24h_usd: null },
    ]);
  });

  test.each([
    ...[{ c: '0.00000000' }, { c: '-1.0' }, { c: 77705 }, { c: '' }, { c: '1e5' }, { c: null }],
    ...[
      { E: 0 },
      { E: null },
      { E: `${TIME_MS}` },
      { E: TIME_MS + 0.5 },
      { E: -TIME_MS },
      { s: 5 },
    ],
  ])('cannot be read with %j', (fields) => {
    expect(read(event(fields))).toEqual({ kind: 'unreadable' });
  });

  test('loses no coin of a list to another one’s mistake', () => {
    const broken = event({ s: 'ETHUSDT', c: '' });
    expect(read([broken, sample.data])).toEqual({ kind: 'prices', prices: [BTC] });
    expect(read([broken, event({ s: 'ETHBTC' })])).toEqual({ kind: 'unreadable' });
  });
});
