import { describe, expect, test } from 'bun:test';
import { SOURCE_IDS } from '../../contract/index.ts';
import { SOURCES } from './index.ts';
import { refusedAs } from './poll-contract.ts';

test('every source is listed once, and every source there is', () => {
  expect(SOURCES.map(({ id }) => id).toSorted()).toEqual(SOURCE_IDS.toSorted());
});

test('every route is listed once', () => {
  const routes = SOURCES.flatMap(({ id, polls }) => polls.map(({ route }) => `${id} ${route}`));
  expect(routes.toSorted()).toEqual([
    'alternative_me /fng/',
    'binance /api/v3/klines',
    'coinbase /products/BTC-USD/candles',
    'coingecko /api/v3/global',
    'coingecko /api/v3/simple/price',
    'coinlore /api/global/',
    'coinmarketcap /v1/global-metrics/quotes/latest',
    'coinpaprika /v1/global',
    'finnhub /api/v1/quote DIA',
    'finnhub /api/v1/quote QQQ',
    'finnhub /api/v1/quote SPY',
    'kraken /0/public/OHLC',
    'taapi /rsi',
  ]);
});

describe('every source', () => {
  test.each(SOURCES.map((source) => [source.id, source] as const))(
    '%s names limits that are positive',
    (_id, source) => {
      for (const plan of ['demo', 'pro', null] as const) {
        for (const key of ['k-1', null]) {
          const limits = Object.values(source.limits({ key, plan, coins: ['BTC'] }));
          expect(limits.length).toBeGreaterThan(0);
          for (const limit of limits) expect(limit).toBeGreaterThan(0);
        }
      }
    },
  );

  test('without which no key is needed sends none, and no route holds one', () => {
    const key = 'very-secret-key';
    for (const { polls } of SOURCES) {
      for (const { route, request } of polls) {
        expect(route).not.toContain(key);
        expect(request({ key, plan: null, coins: ['BTC'] }).path).not.toContain(key);
      }
    }
  });
});

describe('a service that has ended', () => {
  const FAREWELL = {
    data: { message: 'This version of the API has ended. Please move on to the next one.' },
    timestamp: 1795417200000,
  };
  const routes = SOURCES.flatMap(({ id, polls }) =>
    polls.flatMap((poll) => (poll.gives === 'market' ? [[id, poll] as const] : [])),
  );

  test.each(routes)('pitfall 51: a farewell with status 200 is no market of %s', (_id, poll) => {
    expect(refusedAs(poll, FAREWELL)).toBe('bad_response');
    expect(refusedAs(poll, [FAREWELL])).toBe('bad_response');
  });

  test('pitfall 51: a farewell is looked at by every source of the market', () => {
    expect(routes.map(([id]) => id)).toEqual([
      'coingecko',
      'coinpaprika',
      'coinlore',
      'coinmarketcap',
    ]);
  });
});
