import { describe, expect, test } from 'bun:test';
import {
  type DashboardDocument,
  emptyDocument,
  hasStaleFigures,
  isEmpty,
  judgedFigures,
  unreadCoin,
  unreadEtf,
} from './document.ts';

const STALE = { market: 1800, fng: 108_000, rsi_14: 900, rsi_14_taapi: 900, coin: 900 };
const EMPTY = emptyDocument(['ETH'], STALE, false);

const AS_OF = '2026-11-23T07:00:00Z';
const read = { price_usd: 660.1, source: 'finnhub', as_of: AS_OF, state: 'live' } as const;
const WITH_FUND: DashboardDocument = {
  ...EMPTY,
  us_etfs: { SPY: { ...unreadEtf('SPY', 900), ...read }, DIA: unreadEtf('DIA', 900) },
};

describe('a document', () => {
  test('begins with every figure unread, BTC among the coins, no spread and no funds', () => {
    expect(Object.keys(EMPTY.coins)).toEqual(['BTC', 'ETH']);
    expect(EMPTY.coins.ETH).toEqual(unreadCoin('ETH', 900));
    expect(EMPTY).toMatchObject({ btc_spread: null, us_etfs: null, sources: {} });
    expect(isEmpty(EMPTY)).toBe(true);
  });

  test('is not empty any more with one figure, a fund’s included', () => {
    expect(isEmpty({ ...EMPTY, us_etfs: { SPY: unreadEtf('SPY', 900) } })).toBe(true);
    expect(isEmpty(WITH_FUND)).toBe(false);
    expect(isEmpty({ ...EMPTY, rsi_14: 50 })).toBe(false);
  });

  test('is judged by everything that has a freshness of its own', () => {
    expect(judgedFigures(WITH_FUND).map(([name]) => name)).toEqual([
      ...['market', 'fng', 'rsi_14', 'rsi_14_taapi'],
      ...['coins.BTC', 'coins.ETH', 'us_etfs.SPY', 'us_etfs.DIA'],
    ]);
  });

  test('has stale figures when one is too old, but for funds, whose market closes', () => {
    const btc = { ...unreadCoin('BTC', 900), price_usd: 1, as_of: AS_OF, state: 'live' } as const;
    const document = { ...WITH_FUND, coins: { BTC: btc } };
    expect(hasStaleFigures(document, Date.parse(AS_OF) + 900_000)).toBe(false);
    expect(hasStaleFigures(document, Date.parse(AS_OF) + 900_001)).toBe(true);
    expect(hasStaleFigures(WITH_FUND, Date.parse(AS_OF) + 900_001)).toBe(false);
  });

  test('names a fund by what it stands in for', () => {
    expect(unreadEtf('QQQ', 900)).toEqual({ ...unreadCoin('QQQ', 900), name: 'Nasdaq 100' });
    expect(unreadEtf('toString', 900).name).toBe('toString');
  });
});
