import { afterEach, describe, expect, test } from 'bun:test';
import type { ErrorCode } from '../../../contract/index.ts';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import { createLoopback, failure } from '../test-loopback.ts';
import { coinmarketcap } from './coinmarketcap.ts';
import metrics from './fixtures/global-metrics.json';
import { globalMetricsPoll } from './global-metrics.ts';
import { refusal } from './refusal.ts';

describePollContract('/v1/global-metrics/quotes/latest', globalMetricsPoll, metrics);

const REQUEST = globalMetricsPoll.request({ key: 'k-1', plan: null, coins: ['BTC'] });
const USD = ['data', 'quote', 'USD'] as const;

const loopback = createLoopback();
afterEach(() => loopback.close());

describe('the market by CoinMarketCap', () => {
  const read = (body: unknown) => globalMetricsPoll.read(body, RECEIPT)[0];
  const figuresOf = (body: unknown) => {
    const reading = read(body);
    return reading?.figure === 'market' ? reading.value : null;
  };

  test('is asked for with a key, in a header, within the free plan', () => {
    expect(coinmarketcap.needsKey).toBe(true);
    expect(coinmarketcap.limits()).toEqual({ perMinute: 30, perMonth: 10_000 });
    expect(REQUEST).toEqual({
      path: '/v1/global-metrics/quotes/latest',
      headers: { 'X-CMC_PRO_API_KEY': 'k-1' },
      refusal,
      maxBodyBytes: 65_536,
    });
  });

  test('has its dominances beside the currencies and its sums inside, of its own time', () => {
    expect(read(metrics)).toEqual({
      source: 'coinmarketcap',
      connection: '/v1/global-metrics/quotes/latest',
      eventTimeMs: Date.UTC(2026, 10, 23, 6, 58, 59, 999),
      asOfMs: Date.UTC(2026, 10, 23, 6, 58, 59, 999),
      receivedAtMs: RECEIPT.receivedAtMs,
      staleAfterS: 900,
      figure: 'market',
      value: {
        market_cap: 2610557320148.7734,
        volume_24h: 101330274118.52,
        market_cap_change_24h: -1.5597274011634,
        volume_change_24h: 30.890605442981,
        btc_dominance: 58.047719230455,
        eth_dominance: 9.640215773108,
      },
    });
  });

  test.each([
    ['volume_24h', [...USD, 'total_volume_24h'], 0],
    ['market_cap_change_24h', [...USD, 'total_market_cap_yesterday_percentage_change'], null],
    ['volume_change_24h', [...USD, 'total_volume_24h_yesterday_percentage_change'], undefined],
    ['btc_dominance', ['data', 'btc_dominance'], '58.05'],
    ['eth_dominance', ['data', 'eth_dominance'], -1],
  ])('has no %s where it is missing or impossible, and all the others', (key, path, value) => {
    expect(figuresOf(changed(metrics, path, value))).toEqual({
      ...(figuresOf(metrics) ?? expect.unreachable()),
      [key]: null,
    });
  });

  test.each([
    ['data', ['data']],
    ['dollars', USD],
    ['a market cap', [...USD, 'total_market_cap']],
  ])('is no answer without %s', (_name, path) => {
    expect(refusedAs(globalMetricsPoll, changed(metrics, path))).toBe('bad_response');
  });

  test.each(['yesterday', '', '2026-11-23', 1795417110, null, '0001-01-01T00:00:00Z'])(
    'is no answer with a time of %p, for it may be old',
    (time) => {
      const body = changed(metrics, [...USD, 'last_updated'], time);
      expect(refusedAs(globalMetricsPoll, body)).toBe('bad_response');
    },
  );
});

describe('a code of CoinMarketCap', () => {
  const withCode = (code: unknown) => changed(metrics, ['status', 'error_code'], code);

  test.each([0, '0', undefined, null])('pitfall 53: %p is no error', (code) => {
    expect(refusal(withCode(code))).toBeNull();
  });

  test.each<[ErrorCode, readonly number[]]>([
    ['blocked', [1001, 1002, 1003, 1004, 1005, 1006, 1007, 401, 403]],
    ['rate_limited', [1008, 1009, 1010, 1011, 402, 429]],
    ['unavailable', [500, 503]],
    ['bad_response', [400, 4001, 1, -1]],
  ])('pitfall 53: %s is what these mean, as numbers and as texts', (meaning, codes) => {
    for (const code of codes) {
      expect([code, refusal(withCode(code))]).toEqual([code, meaning]);
      expect([code, refusal(withCode(String(code)))]).toEqual([code, meaning]);
    }
  });

  test('pitfall 53: figures beside an error, with status 200, are never read', async () => {
    const origin = loopback.serve(() => Response.json(withCode('1010')));
    expect((await failure(origin, {}, REQUEST)).code).toBe('rate_limited');
  });

  test.each([
    [402, 1003, 'blocked'],
    [402, 1004, 'blocked'],
    [402, 0, 'rate_limited'],
    [401, 1002, 'blocked'],
    [403, 1006, 'blocked'],
    [429, 1008, 'rate_limited'],
    [400, 400, 'bad_response'],
    [500, 500, 'unavailable'],
  ] as const)('with status %p and code %p means %s', async (status, error_code, meaning) => {
    const origin = loopback.serve(() => Response.json({ status: { error_code } }, { status }));
    expect((await failure(origin, {}, REQUEST)).code).toBe(meaning);
  });
});
