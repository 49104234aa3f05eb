import { afterEach, describe, expect, test } from 'bun:test';
import { US_ETF_SYMBOLS } from '../../../contract/index.ts';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import { createLoopback, failure } from '../test-loopback.ts';
import { finnhub } from './finnhub.ts';
import quote from './fixtures/quote.json';
import { quotePoll } from './quote.ts';

const spy = quotePoll('SPY');
describePollContract('/api/v1/quote', spy, quote);

const REQUEST = spy.request({ key: 'k-1', plan: null, coins: ['BTC'] });

const loopback = createLoopback();
afterEach(() => loopback.close());

describe('the quotes of Finnhub', () => {
  const read = (body: unknown) => spy.read(body, RECEIPT)[0];

  test('are asked for one fund a request, with the key in a header, and never without one', () => {
    expect(finnhub.needsKey).toBe(true);
    expect(finnhub.limits()).toEqual({ perMinute: 60 });
    expect(
      finnhub.polls.map((poll) => poll.request({ key: 'k-1', plan: null, coins: ['BTC'] })),
    ).toEqual(
      ['SPY', 'DIA', 'QQQ'].map((symbol) => ({
        path: '/api/v1/quote',
        query: { symbol },
        headers: { 'X-Finnhub-Token': 'k-1' },
        maxBodyBytes: 65_536,
      })),
    );
  });

  test('are told apart by their routes, which hold no key', () => {
    expect(finnhub.polls.map(({ route }) => route)).toEqual(
      US_ETF_SYMBOLS.map((symbol) => `/api/v1/quote ${symbol}`),
    );
  });

  test('give the price in dollars, of the second it was traded at', () => {
    expect(read(quote)).toEqual({
      source: 'finnhub',
      connection: '/api/v1/quote SPY',
      eventTimeMs: Date.UTC(2026, 10, 20, 21),
      asOfMs: Date.UTC(2026, 10, 20, 21),
      receivedAtMs: RECEIPT.receivedAtMs,
      staleAfterS: 900,
      figure: 'etf',
      symbol: 'SPY',
      value: {
        price_usd: 671.34,
        change_24h: 0.3258,
        high_24h: 673.02,
        low_24h: 668.4,
        volume_24h_usd: null,
      },
    });
  });

  test('stand without the change and the range of the day', () => {
    expect(read({ c: 261.74, dp: null, h: 0, t: 1795208400 })).toMatchObject({
      value: { price_usd: 261.74, change_24h: null, high_24h: null, low_24h: null },
    });
  });

  test.each<[string, unknown]>([
    ['without a price', changed(quote, ['c'])],
    ['without a time', changed(quote, ['t'])],
    ['with a price as text', changed(quote, ['c'], '671.34')],
    ['with a negative price', changed(quote, ['c'], -1)],
    ['with a time that is none', changed(quote, ['t'], 5)],
    ['with an error', { error: 'Invalid API key' }],
  ])('are no answer %s', (_name, body) => {
    expect(refusedAs(spy, body)).toBe('bad_response');
  });

  test.each<[string, unknown]>([
    ['zeros', { c: 0, d: null, dp: null, h: 0, l: 0, o: 0, pc: 0, t: 0 }],
    ['a price of 0', changed(quote, ['c'], 0)],
    ['a time of 0', changed(quote, ['t'], 0)],
  ])('pitfall 52: %s with status 200 give no reading, and are no failure', (_name, body) => {
    expect(spy.read(body, RECEIPT)).toEqual([]);
  });

  test.each([
    [429, 'API limit reached. Please try again later. Remaining Limit: 0', 'rate_limited'],
    [429, '', 'rate_limited'],
    [401, '{"error":"Invalid API key"}', 'blocked'],
    [403, '{"error":"You are not allowed to."}', 'blocked'],
  ] as const)('pitfall 52: status %p with the text %p means %s', async (status, text, code) => {
    const origin = loopback.serve(() => new Response(text, { status }));
    expect((await failure(origin, {}, REQUEST)).code).toBe(code);
  });
});
