import { describe, expect, test } from 'bun:test';
import { startOfDay } from '../candles.ts';
import { COINS } from '../coins.ts';
import { NOW, setUp } from './test-ask.ts';

const CANDLES = '/products/BTC-USD/candles';
const OHLC = '/0/public/OHLC';

describe('Binance', () => {
  test('has candles of every coin', () => {
    const { market, ask } = setUp();
    for (const symbol of COINS.keys()) {
      const rows = ask('/api/v3/klines', `symbol=${symbol}USDT&interval=1d&limit=1`).json;
      expect(Number(rows[0][4])).toBe(market.coin(symbol)?.price ?? 0);
    }
    expect(ask('/api/v3/klines', 'symbol=USDT&interval=1d').status).toBe(400);
  });
});

describe('Coinbase', () => {
  test('gives 300 days at most, newest first: seconds, low, high, open, close, volume, all numbers', () => {
    const { market, ask } = setUp();
    const { status, json } = ask(CANDLES, 'granularity=86400');
    expect(status).toBe(200);
    expect(json).toHaveLength(300);
    expect(json[0][0]).toBe(startOfDay(NOW) / 1000);
    expect(json[0][0] - json[299][0]).toBe(299 * 86_400);
    expect(json[0][4]).toBe(market.exchangeCoin('coinbase', 'BTC')?.price);
    for (const row of json) {
      const [, low, high, open, close, volume] = row;
      expect(row).toHaveLength(6);
      expect(low).toBeLessThanOrEqual(Math.min(open, close));
      expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
      expect(volume).toBeGreaterThan(0);
    }
  });

  test('leaves out a day without a trade', () => {
    const { clock, market, ask } = setUp(startOfDay(NOW) + 86_399_000);
    market.set({ frozen: true });
    clock.advance(1000);
    expect(market.exchangeCandles('coinbase', 'BTC')?.at(-1)?.volume).toBe(0);
    expect(ask(CANDLES, 'granularity=86400').json[0][0]).toBe(startOfDay(NOW) / 1000);
  });

  test('refuses a client that does not say who it is, and other granularities', () => {
    const { ask } = setUp();
    expect(ask(CANDLES, 'granularity=86400', {})).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('User-Agent') },
    });
    expect(ask(CANDLES, 'granularity=7')).toMatchObject({
      status: 400,
      json: { message: 'Unsupported granularity' },
    });
    expect(ask(CANDLES).status).toBe(400);
  });
});

describe('Kraken', () => {
  test('gives rows of text under its own name of the pair, oldest first, the last one open', () => {
    const { market, ask } = setUp();
    const { error, result } = ask(OHLC, 'pair=XBTUSD&interval=1440').json;
    expect(error).toEqual([]);
    expect(Object.keys(result)).toEqual(['XXBTZUSD', 'last']);
    const rows = result.XXBTZUSD;
    expect(rows).toHaveLength(520);
    for (const row of rows) {
      const kinds = row.map((item: unknown) => (typeof item === 'number' ? 'n' : 's')).join('');
      expect(kinds).toBe('nssssssn');
    }
    expect(rows.at(-1)[0]).toBe(startOfDay(NOW) / 1000);
    expect(Number(rows.at(-1)[4])).toBe(market.exchangeCoin('kraken', 'BTC')?.price ?? 0);
    expect(result.last).toBe(rows.at(-2)[0]);
  });

  test.each([
    ['XXBTZUSD', 'XXBTZUSD'],
    ['ETHUSD', 'XETHZUSD'],
    ['XDGUSD', 'XDGUSD'],
    ['SOLUSD', 'SOLUSD'],
  ])('knows %s as %s', (asked, name) => {
    const { result } = setUp().ask(OHLC, `pair=${asked}&interval=1440`).json;
    expect(result[name].length).toBeGreaterThan(500);
  });

  test('gives no more than 720 days', () => {
    const { clock, ask } = setUp();
    clock.advance(400 * 86_400_000);
    expect(ask(OHLC, 'pair=XBTUSD&interval=1440').json.result.XXBTZUSD).toHaveLength(720);
  });

  test.each([
    ['pair=NOCOIN&interval=1440', 'EQuery:Unknown asset pair'],
    ['interval=1440', 'EQuery:Unknown asset pair'],
    ['pair=XBTUSD', 'EGeneral:Invalid arguments'],
  ])('refuses %s with status 200 and %s', (query, error) => {
    expect(setUp().ask(OHLC, query)).toMatchObject({ status: 200, json: { error: [error] } });
    expect(setUp().ask(OHLC, query).json).not.toHaveProperty('result');
  });
});
