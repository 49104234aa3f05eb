import { describe, expect, test } from 'bun:test';
import { NOW, setUp } from './test-ask.ts';

const QUOTE = '/api/v1/quote';
const KEY = { 'x-finnhub-token': 'key' };

describe('Finnhub', () => {
  test('gives a fund’s quote to a key in the header or in the query', () => {
    const { market, ask } = setUp();
    const { json } = ask(QUOTE, 'symbol=SPY', KEY);
    const fund = market.fund('SPY');
    expect(json).toMatchObject({
      c: fund?.price,
      o: fund?.open,
      h: fund?.high,
      l: fund?.low,
      pc: fund?.previousClose,
      t: Math.floor(NOW / 1000),
    });
    expect(json.d).toBeCloseTo(json.c - json.pc, 2);
    expect(json.dp).toBeCloseTo((json.c / json.pc - 1) * 100, 3);
    expect(ask(QUOTE, 'symbol=SPY&token=key').json).toEqual(json);
  });

  test('gives zeros with status 200 for what it does not know', () => {
    for (const query of ['symbol=NOFUND', 'symbol=', '']) {
      expect(setUp().ask(QUOTE, query, KEY)).toMatchObject({
        status: 200,
        json: { c: 0, d: null, dp: null, h: 0, l: 0, o: 0, pc: 0, t: 0 },
      });
    }
  });

  test('stands still while the US market is closed', () => {
    const { clock, market, ask } = setUp();
    market.set({ us_market_open: false });
    const before = ask(QUOTE, 'symbol=QQQ', KEY).json;
    clock.advance(3_600_000);
    expect(ask(QUOTE, 'symbol=QQQ', KEY).json).toEqual(before);
  });

  test('refuses without a key, and takes an empty one for one that is used up', () => {
    const { ask } = setUp();
    expect(ask(QUOTE, 'symbol=SPY')).toMatchObject({
      status: 401,
      json: { error: 'Please use an API key.' },
    });
    const empty = ask(QUOTE, 'symbol=SPY&token=');
    expect(empty.status).toBe(429);
    expect(empty.body).toStartWith('API limit reached. Please sign up');
  });
});
