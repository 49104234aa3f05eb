import { describe, expect, test } from 'bun:test';
import { COIN_NAMES, DEFAULT_COINS } from '../../../contract/index.ts';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import { idsOf } from './coin-ids.ts';
import simplePrice from './fixtures/simple-price.json';
import { simplePricePoll } from './simple-price.ts';

describePollContract('/simple/price', simplePricePoll, simplePrice);

/** The readings of an answer by symbol. */
function read(body: unknown) {
  const coins = simplePricePoll.read(body, RECEIPT).flatMap((reading) => {
    return reading.figure === 'coin' ? [[reading.symbol, reading] as const] : [];
  });
  return Object.fromEntries(coins);
}

describe('the coins that are asked for', () => {
  const idsFor = (...coins: string[]) =>
    simplePricePoll.request({ key: null, plan: null, coins }).query?.ids;

  test('are all in one request, by the identifiers CoinGecko has for them', () => {
    expect(idsFor(...DEFAULT_COINS)).toBe(
      'bitcoin,ethereum,solana,ripple,cardano,chainlink,binancecoin',
    );
    expect(idsFor('BTC', 'DOGE', 'DOT', 'AVAX', 'LTC', 'TRX', 'TON', 'BCH', 'XLM')).toBe(
      'bitcoin,dogecoin,polkadot,avalanche-2,litecoin,tron,the-open-network,bitcoin-cash,stellar',
    );
  });

  test('leave out those whose identifier is not known', () => {
    expect(idsFor('BTC', 'NEW', 'constructor', '__proto__', 'ETH')).toBe('bitcoin,ethereum');
  });

  test('are all those with a name, each with an identifier of its own', () => {
    const symbols = Object.keys(COIN_NAMES);
    expect(new Set(idsOf(symbols)).size).toBe(symbols.length);
  });
});

describe('/simple/price', () => {
  test('gives every coin its price with its change, its volume and its time', () => {
    const { BTC, ...others } = read(simplePrice);
    expect(BTC).toEqual({
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
    expect(others).toMatchObject({
      ETH: { asOfMs: 1795417168000, value: { price_usd: 2508.41, change_24h: -2.0116473302914 } },
      ADA: { asOfMs: 1795417161000, value: { price_usd: 0.561204, change_24h: 0.3318402 } },
    });
    expect(Object.keys(others).toSorted()).toEqual(['ADA', 'ETH']);
  });

  test.each([
    ['missing', undefined],
    ['empty', {}],
    ['no object', 77705],
    ['without a price', { usd: null, usd_24h_change: -1.4 }],
    ['priced at 0', { usd: 0 }],
    ['of a time that cannot be read', { usd: 77705, last_updated_at: '2026-11-23' }],
  ])('gives the others where one coin is %s', (_name, coin) => {
    expect(Object.keys(read(changed(simplePrice, ['bitcoin'], coin))).toSorted()).toEqual([
      'ADA',
      'ETH',
    ]);
  });

  test('pitfall 10: {} is no answer, and a coin that is not known is left out', () => {
    expect(refusedAs(simplePricePoll, {})).toBe('bad_response');
    expect(refusedAs(simplePricePoll, { 'no-such-coin': { usd: 1 } })).toBe('bad_response');
    expect(Object.keys(read({ stellar: { usd: 0.25 } }))).toEqual(['XLM']);
  });

  test.each([{ bitcoin: {} }, { bitcoin: { usd: null } }, { bitcoin: { eur: 53953 } }])(
    'pitfall 11: %j is no answer: a coin without its price',
    (body) => {
      expect(refusedAs(simplePricePoll, body)).toBe('bad_response');
    },
  );

  test.each([null, undefined, '-1.4', 1001, -101])(
    'pitfall 11: a change of %p is unknown, not 0, and the price stands',
    (change) => {
      const { BTC } = read(changed(simplePrice, ['bitcoin', 'usd_24h_change'], change));
      expect(BTC?.value).toMatchObject({ price_usd: 77705, change_24h: null });
    },
  );

  test.each([77705, 77705.25, 1e-10])('pitfall 12: a price of %p is taken as it is', (usd) => {
    expect(read({ bitcoin: { usd } }).BTC?.value.price_usd).toBe(usd);
  });

  test.each([0, -5, '77705', '1e-10', true])('pitfall 12: a price of %p is none', (usd) => {
    expect(refusedAs(simplePricePoll, { bitcoin: { usd } })).toBe('bad_response');
  });

  test.each([
    [undefined, RECEIPT.receivedAtMs],
    ['1700000000', 1_700_000_000_000],
    [1_700_000_000.5, 1_700_000_000_500],
  ])('is as old as a time of %p says', (updatedAt, asOfMs) => {
    const body = changed(simplePrice, ['bitcoin', 'last_updated_at'], updatedAt);
    expect(read(body).BTC?.asOfMs).toBe(asOfMs);
  });

  test.each([0, -5, 1e300, null, true, '', '0', '2026-11-23T06:58:00Z'])(
    'leaves a coin with a time of %p out, for it may be old',
    (updatedAt) => {
      const body = changed(simplePrice, ['bitcoin', 'last_updated_at'], updatedAt);
      expect(read(body)).not.toHaveProperty('BTC');
    },
  );
});
