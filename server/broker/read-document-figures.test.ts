import { describe, expect, test } from 'bun:test';
import {
  type DashboardDocument,
  emptyDocument,
  toWireTime,
  unreadCoin,
} from '../../contract/index.ts';
import { readDocument } from './read-document.ts';

/** 23 November 2026, 07:00:00 UTC. */
const NOW = Date.UTC(2026, 10, 23, 7);

const EMPTY = emptyDocument(
  ['BTC', 'ETH'],
  { market: 1800, fng: 108_000, rsi_14: 900, rsi_14_taapi: 900, coin: 900 },
  false,
);

const dated = (as_of: string | null = toWireTime(NOW), stale_after_s = 900) =>
  ({ source: 'coingecko', as_of, state: 'live', stale_after_s }) as const;

const coin = (name: string, price_usd: number | null) => ({
  ...{ name, price_usd, change_24h: -1.5, high_24h: null, low_24h: null, volume_24h_usd: 5 },
  ...dated(),
});

const FULL: DashboardDocument = {
  ...EMPTY,
  ...{ market_cap: 2.6e12, volume_24h: 9e10, btc_dominance: 57.9, eth_dominance: 9.5 },
  ...{ market_cap_change_24h: -1.6, volume_change_24h: 33 },
  ...{ btc_price_usd: 77_705, btc_change_24h: -1.5, last_updated: toWireTime(NOW) },
  ...{ fng_value: 26, fng_label: 'Fear', fng_next_update_at: '2026-11-24T00:00:00Z' },
  fng_history: { yesterday: { value: 28, label: 'Fear' }, last_week: null, last_month: null },
  ...{ rsi_14: 33.45, rsi_14_taapi: 33.5 },
  btc_spread: { percent: 0.04, prices: { binance: 77_705, kraken: 77_735 } },
  coins: { BTC: coin('Bitcoin', 77_705), ETH: coin('Ethereum', 3000) },
  freshness: { market: dated(), fng: dated(), rsi_14: dated(), rsi_14_taapi: dated() },
};

const read = (document: object, nowMs = NOW) =>
  readDocument(JSON.stringify(document), EMPTY, nowMs);

const NO_MARKET = {
  ...{ market_cap: null, volume_24h: null, btc_dominance: null, eth_dominance: null },
  ...{ market_cap_change_24h: null, volume_change_24h: null },
};
const NO_FNG = {
  ...{ fng_value: null, fng_label: null, fng_next_update_at: null },
  fng_history: EMPTY.fng_history,
};
const withoutFreshness = (key: keyof DashboardDocument['freshness']) => ({
  freshness: { ...FULL.freshness, [key]: EMPTY.freshness[key] },
});
const NO_BTC = {
  ...{ btc_price_usd: null, btc_change_24h: null },
  coins: { ...FULL.coins, BTC: unreadCoin('BTC', 900) },
};

describe('the figures of a document that was read', () => {
  test('are those that were written, when all of them can be true', () => {
    expect(read(FULL)).toEqual(FULL);
  });

  test.each<[string, object]>([
    ['market_cap', { market_cap: -5 }],
    ['volume_24h', { volume_24h: 0 }],
    ['market_cap_change_24h', { market_cap_change_24h: 1001 }],
    ['btc_dominance', { btc_dominance: 101 }],
  ])('are none of the market when %s is out of range: they came together', (_key, change) => {
    expect(read({ ...FULL, ...change })).toEqual({
      ...FULL,
      ...NO_MARKET,
      ...withoutFreshness('market'),
    });
  });

  test.each<[string, object]>([
    ['an index of 500', { fng_value: 500 }],
    ['an index of 26.5', { fng_value: 26.5 }],
    [
      'a yesterday of 101',
      { fng_history: { ...FULL.fng_history, yesterday: { value: 101, label: 'x' } } },
    ],
  ])('are no Fear & Greed with %s', (_name, change) => {
    expect(read({ ...FULL, ...change })).toEqual({
      ...FULL,
      ...NO_FNG,
      ...withoutFreshness('fng'),
    });
  });

  test.each(['rsi_14', 'rsi_14_taapi'] as const)('are no %s beyond its scale', (key) => {
    expect(read({ ...FULL, [key]: 100.1 })).toEqual({
      ...FULL,
      [key]: null,
      ...withoutFreshness(key),
    });
  });

  test.each<[string, object]>([
    ['a price of 0', { btc_price_usd: 0 }],
    ['a change of -101', { btc_change_24h: -101 }],
    ['a price of 0 among the coins', { coins: { ...FULL.coins, BTC: coin('Bitcoin', 0) } }],
  ])('are nothing of BTC with %s', (_name, change) => {
    expect(read({ ...FULL, ...change })).toEqual({ ...FULL, ...NO_BTC });
  });

  test('are nothing of a coin that has one out of range, and the other coins', () => {
    const coins = { ...FULL.coins, ETH: { ...coin('Ethereum', 3000), high_24h: -1 } };
    expect(read({ ...FULL, coins })).toEqual({
      ...FULL,
      coins: { ...FULL.coins, ETH: unreadCoin('ETH', 900) },
    });
  });

  test.each<[string, object | string]>([
    ['a price of 0', { percent: 0.04, prices: { binance: 0, kraken: 1 } }],
    ['a single price', { percent: 0, prices: { binance: 1, kraken: null } }],
    ['a negative per cent', { percent: -1, prices: { binance: 1, kraken: 1 } }],
    ['a per cent as text', { percent: '0.04', prices: { binance: 1, kraken: 1 } }],
    ['prices as text', { percent: 0.04, prices: { binance: '1', kraken: 1 } }],
    ['prices in a list', { percent: 0.04, prices: [1, 1] }],
    ['no prices', { percent: 0.04 }],
    ['another form', 'wide'],
  ])('are no spread with %s', (_name, btc_spread) => {
    expect(read({ ...FULL, btc_spread })).toEqual({ ...FULL, btc_spread: null });
  });

  const fund = (price_usd: number) => ({ ...coin('S&P 500', price_usd), source: 'finnhub' });

  test('are those of a fund that can be true, and nothing of one that cannot', () => {
    const us_etfs = { SPY: fund(660.1), QQQ: { ...fund(590), low_24h: 0 } };
    expect(read({ ...FULL, us_etfs })).toEqual({
      ...FULL,
      us_etfs: { SPY: fund(660.1), QQQ: { ...unreadCoin('QQQ', 900), name: 'S&P 500' } },
    } as DashboardDocument);
  });

  test.each<[string, unknown]>([
    ['a text', 'SPY'],
    ['a list', [fund(660.1)]],
    ['a fund that is a number', { SPY: 660.1 }],
    ['a price that is a text', { SPY: { ...fund(660.1), price_usd: '660.1' } }],
    ['a fund without a state', { SPY: { ...fund(660.1), state: undefined } }],
  ])('are those of no fund when the funds are %s', (_name, us_etfs) => {
    expect(read({ ...FULL, us_etfs })).toEqual({ ...FULL, us_etfs: null });
  });
});

describe('the times of a document that was read', () => {
  test.each<[string, string | null]>([
    ['in 2099', '2099-01-01T00:00:00Z'],
    ['more than a minute ahead', toWireTime(NOW + 61_000)],
    ['before there was a market', '2008-12-31T23:59:59Z'],
    ['that is missing from a live figure', null],
  ])('make a figure unread by a time %s', (_name, as_of) => {
    const freshness = { ...FULL.freshness, market: dated(as_of) };
    const coins = { ...FULL.coins, BTC: { ...coin('Bitcoin', 77_705), as_of } };
    expect(read({ ...FULL, freshness, coins })).toEqual({
      ...FULL,
      ...NO_MARKET,
      ...withoutFreshness('market'),
      ...NO_BTC,
    });
  });

  test('may be a minute ahead of this clock', () => {
    const freshness = { ...FULL.freshness, market: dated(toWireTime(NOW + 60_000)) };
    expect(read({ ...FULL, freshness })?.market_cap).toBe(FULL.market_cap);
  });

  test('never name a last update in the future, but the newest there is', () => {
    const last_updated = '2099-01-01T00:00:00Z';
    expect(read({ ...FULL, last_updated })?.last_updated).toBe(FULL.last_updated);
    expect(read({ ...EMPTY, last_updated })?.last_updated).toBeNull();
  });

  test('that are no dates are taken as never read', () => {
    const fng_next_update_at = '2026-11-24T00:00:00+99:99';
    expect(Number.isFinite(Date.parse(fng_next_update_at))).toBe(false);
    expect(read({ ...FULL, fng_next_update_at })?.fng_next_update_at).toBeNull();
  });

  test('are unread when nobody knows their source, or they would stay live for ever', () => {
    for (const wrong of [{ source: 'nosuch' }, { stale_after_s: 1e300 }, { stale_after_s: 0 }]) {
      const market = { ...dated(), ...wrong };
      const document = { ...FULL, freshness: { ...FULL.freshness, market } };
      expect(read(document)).toMatchObject({ market_cap: null, btc_price_usd: 77_705 });
      const BTC = { ...coin('Bitcoin', 77_705), ...wrong };
      expect(read({ ...FULL, coins: { ...FULL.coins, BTC } })).toMatchObject({
        market_cap: 2.6e12,
        btc_price_usd: null,
      });
    }
  });

  test('are unread when the two places of one price differ', () => {
    expect(read({ ...FULL, btc_price_usd: 70_000 })).toMatchObject({ btc_price_usd: null });
  });
});
