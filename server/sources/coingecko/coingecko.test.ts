import { describe, expect, test } from 'bun:test';
import type { ErrorCode } from '../../../contract/index.ts';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import { refusal } from './access.ts';
import { coingecko } from './coingecko.ts';
import global from './fixtures/global.json';
import simplePrice from './fixtures/simple-price.json';
import { globalPoll } from './global.ts';
import { simplePricePoll } from './simple-price.ts';

describePollContract('/global', globalPoll, global);
describePollContract('/simple/price', simplePricePoll, simplePrice);

/** What stands where a time should, and does not say when. */
const UNREADABLE_TIMES = [
  ...[0, -5, 1e300, 1_000_000_000, null, true, [], {}],
  ...['', ' ', '0', '-5', '1e300', '2026-11-23T06:58:00Z', '9'.repeat(400)],
].map((time): [unknown] => [time]);

const NO_KEY = { key: null, plan: null, coins: ['BTC'] };

describe('the requests of CoinGecko', () => {
  test('ask for what is read, without a key', () => {
    expect(coingecko.polls.map((poll) => poll.request(NO_KEY))).toEqual([
      { path: '/api/v3/global', headers: {}, refusal, maxBodyBytes: 131_072 },
      {
        path: '/api/v3/simple/price',
        query: {
          ids: 'bitcoin',
          vs_currencies: 'usd',
          include_24hr_vol: 'true',
          include_24hr_change: 'true',
          include_last_updated_at: 'true',
        },
        headers: {},
        refusal,
        maxBodyBytes: 65_536,
      },
    ]);
  });

  test('show the key in the header of its plan, never in the address', () => {
    for (const poll of coingecko.polls) {
      const demo = poll.request({ key: 'k-1', plan: null, coins: ['BTC'] });
      expect(demo.headers).toEqual({ 'x-cg-demo-api-key': 'k-1' });
      expect(poll.request({ key: 'k-1', plan: 'demo', coins: ['BTC'] }).headers).toEqual(
        demo.headers ?? {},
      );
      expect(poll.request({ key: 'k-1', plan: 'pro', coins: ['BTC'] }).headers).toEqual({
        'x-cg-pro-api-key': 'k-1',
      });
      expect(JSON.stringify([demo.path, demo.query])).not.toContain('k-1');
    }
  });
});

describe('/global', () => {
  const read = (body: unknown, receipt = RECEIPT) => globalPoll.read(body, receipt)[0];
  const figuresOf = (body: unknown) => {
    const reading = read(body);
    return reading?.figure === 'market' ? reading.value : null;
  };

  test('gives the six figures of the market as they were sent', () => {
    expect(read(global)).toEqual({
      source: 'coingecko',
      connection: '/api/v3/global',
      eventTimeMs: 1795417080000,
      asOfMs: 1795417080000,
      receivedAtMs: RECEIPT.receivedAtMs,
      staleAfterS: 1800,
      figure: 'market',
      value: {
        market_cap: 2621040321355.0405,
        volume_24h: 95133256404.37308,
        market_cap_change_24h: -1.6081983639177684,
        volume_change_24h: 33.064521460740046,
        btc_dominance: 57.9539332566265,
        eth_dominance: 9.58227145398409,
      },
    });
  });

  test('is stale after three rounds where rounds are rarer than its cache', () => {
    expect(read(global, { ...RECEIPT, pollIntervalS: 900 })?.staleAfterS).toBe(2700);
  });

  test.each([
    ['data', ['data']],
    ['the market cap', ['data', 'total_market_cap']],
    ['the market cap in dollars', ['data', 'total_market_cap', 'usd']],
  ])('is no answer without %s', (_name, path) => {
    expect(refusedAs(globalPoll, changed(global, path))).toBe('bad_response');
  });

  test.each([0, -1, '2621040321355', null, true])('is no answer with a market cap of %p', (cap) => {
    const body = changed(global, ['data', 'total_market_cap', 'usd'], cap);
    expect(refusedAs(globalPoll, body)).toBe('bad_response');
  });

  test.each([
    ['volume_24h', ['total_volume', 'usd'], 0],
    ['volume_24h', ['total_volume'], undefined],
    ['market_cap_change_24h', ['market_cap_change_percentage_24h_usd'], 1000.1],
    ['market_cap_change_24h', ['market_cap_change_percentage_24h_usd'], '-1.6'],
    ['volume_change_24h', ['volume_change_percentage_24h_usd'], undefined],
    ['eth_dominance', ['market_cap_percentage', 'eth'], undefined],
    ['btc_dominance', ['market_cap_percentage', 'btc'], 100.5],
  ] as const)(
    'has no %s where it is missing or impossible, and all the others',
    (key, path, value) => {
      expect(figuresOf(changed(global, ['data', ...path], value))).toEqual({
        ...(figuresOf(global) ?? expect.unreachable()),
        [key]: null,
      });
    },
  );

  test('has neither dominance without the list of them', () => {
    const value = figuresOf(changed(global, ['data', 'market_cap_percentage'], []));
    expect([value?.btc_dominance, value?.eth_dominance]).toEqual([null, null]);
  });

  test.each([
    ['a little ahead of us', RECEIPT.receivedAtMs / 1000 + 59, 0, 59_000],
    ['exactly a minute ahead', RECEIPT.receivedAtMs / 1000 + 60, 0, 60_000],
  ])('is never newer than its receipt with a time %s', (_name, updatedAt, asOf, event) => {
    const reading = read(changed(global, ['data', 'updated_at'], updatedAt));
    expect((reading?.asOfMs ?? 0) - RECEIPT.receivedAtMs).toBe(asOf);
    expect((reading?.eventTimeMs ?? 0) - RECEIPT.receivedAtMs).toBe(event);
  });

  test.each([
    ['more than a minute ahead', RECEIPT.receivedAtMs / 1000 + 61],
    ['in milliseconds', RECEIPT.receivedAtMs],
    ['that is missing', undefined],
  ])('counts from receipt and Age with a time %s', (_name, updatedAt) => {
    const body = changed(global, ['data', 'updated_at'], updatedAt);
    const reading = read(body, { ...RECEIPT, ageS: 58 });
    expect(reading?.eventTimeMs).toBeNull();
    expect(reading?.asOfMs).toBe(RECEIPT.receivedAtMs - 58_000);
  });

  test.each<[unknown, number]>([
    ['1795417080', 1_795_417_080_000],
    ['1700000000', 1_700_000_000_000],
    [1_700_000_000.5, 1_700_000_000_500],
    ['1700000000.5', 1_700_000_000_500],
  ])('is as old as a time of %p says', (updatedAt, asOfMs) => {
    expect(read(changed(global, ['data', 'updated_at'], updatedAt))?.asOfMs).toBe(asOfMs);
  });

  test.each(UNREADABLE_TIMES)('is no answer with a time of %p, for it may be old', (updatedAt) => {
    const body = changed(global, ['data', 'updated_at'], updatedAt);
    expect(refusedAs(globalPoll, body)).toBe('bad_response');
  });

  test('keeps an old time, so that an old answer is seen to be old', () => {
    const old = RECEIPT.receivedAtMs / 1000 - 7200;
    expect(read(changed(global, ['data', 'updated_at'], old))?.asOfMs).toBe(old * 1000);
  });
});

describe('/simple/price', () => {
  const read = (body: unknown) => simplePricePoll.read(body, RECEIPT)[0];

  test('gives the price of BTC with its change, its volume and its time', () => {
    expect(read(simplePrice)).toEqual({
      source: 'coingecko',
      connection: '/api/v3/simple/price',
      eventTimeMs: 1795417170000,
      asOfMs: 1795417170000,
      receivedAtMs: RECEIPT.receivedAtMs,
      staleAfterS: 900,
      figure: 'coin',
      symbol: 'BTC',
      value: {
        price_usd: 77705,
        change_24h: -1.4093297098441402,
        high_24h: null,
        low_24h: null,
        volume_24h_usd: 29096603418.89408,
      },
    });
  });

  test.each([{}, { bitcoin: {} }, { bitcoin: { usd: null } }, { bitcoin: { eur: 53953 } }])(
    'is no answer when it is %j',
    (body) => {
      expect(refusedAs(simplePricePoll, body)).toBe('bad_response');
    },
  );

  test.each([
    [undefined, RECEIPT.receivedAtMs],
    ['1700000000', 1_700_000_000_000],
    [1_700_000_000.5, 1_700_000_000_500],
  ])('is as old as a time of %p says', (updatedAt, asOfMs) => {
    const body = changed(simplePrice, ['bitcoin', 'last_updated_at'], updatedAt);
    expect(read(body)?.asOfMs).toBe(asOfMs);
  });

  test.each(UNREADABLE_TIMES)('is no answer with a time of %p, for it may be old', (updatedAt) => {
    const body = changed(simplePrice, ['bitcoin', 'last_updated_at'], updatedAt);
    expect(refusedAs(simplePricePoll, body)).toBe('bad_response');
  });

  test.each([77705, 77705.25, 1e-10])('takes a price of %p as it is', (usd) => {
    expect(read({ bitcoin: { usd } })).toMatchObject({ value: { price_usd: usd } });
  });

  test.each([0, -5, '77705', true])('is no answer with a price of %p', (usd) => {
    expect(refusedAs(simplePricePoll, { bitcoin: { usd } })).toBe('bad_response');
  });

  test.each([null, undefined, '-1.4', 1001, -101])(
    'keeps the price when the change is %p, which makes it unknown, not 0',
    (change) => {
      const reading = read(changed(simplePrice, ['bitcoin', 'usd_24h_change'], change));
      expect(reading).toMatchObject({ value: { price_usd: 77705, change_24h: null } });
    },
  );
});

describe('an error body of CoinGecko', () => {
  test.each<[string, ErrorCode | null]>([
    ['{"status":{"error_code":429,"error_message":"too many"}}', 'rate_limited'],
    ['{"status":{"error_code":403,"error_message":"descriptive User-Agent"}}', 'blocked'],
    ['{"error":{"status":{"error_code":429,"error_message":"too many"}}}', 'rate_limited'],
    ['{"error_code":10011,"status":{"error_code":10011}}', 'blocked'],
    ['{"status":{"error_code":10002,"error_message":"API Key Missing"}}', 'blocked'],
    ['{"status":{"error_code":10005}}', 'blocked'],
    ['{"error_code":10010}', 'blocked'],
    ['{"status":500,"error":"Internal Server Error"}', 'unavailable'],
    ['{"status":{"error_code":400}}', 'bad_response'],
    ['{"error":"coin not found"}', null],
    ['{"status":{"error_code":"429"}}', null],
    ['{}', null],
  ])('%s means %s', (text, code) => {
    expect(refusal(JSON.parse(text))).toBe(code);
  });

  test.each(['{"status":{"error_code":429}}', '{"status":500,"error":"x"}', '{"error":"x"}'])(
    'is never read as data: %s',
    (text) => {
      expect(refusedAs(globalPoll, JSON.parse(text))).toBe('bad_response');
      expect(refusedAs(simplePricePoll, JSON.parse(text))).toBe('bad_response');
    },
  );
});
