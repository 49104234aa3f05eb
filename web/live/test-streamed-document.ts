/** A document of a day on which everything is known: streams, a spread, funds, and sources in every state. */

import {
  coinName,
  type DashboardDocument,
  emptyDocument,
  type SourceEntry,
  type SourceId,
  US_ETFS,
} from '../../contract/index.ts';
import { testDocument } from './test-document.ts';

const PRICES: Readonly<Record<string, readonly [price: number, change: number]>> = {
  BTC: [77_705, -1.41],
  ETH: [2804.12, 0.84],
  SOL: [131.25, 12.34],
  XRP: [2.0841, -0.5],
  ADA: [0.4123, 0],
  LINK: [12.31, -10.07],
  BNB: [842.6, 1.02],
};

const FUNDS: Readonly<Record<keyof typeof US_ETFS, readonly [price: number, change: number]>> = {
  SPY: [671.2, 0.12],
  DIA: [463.05, -0.31],
  QQQ: [604.88, 1.07],
};

const OPEN_UNTIL = '2026-11-20T21:00:00Z';

function coin(symbol: string, [price, change]: readonly [number, number]) {
  return {
    name: coinName(symbol),
    price_usd: price,
    change_24h: change,
    high_24h: price * 1.021,
    low_24h: price * 0.983,
    volume_24h_usd: price * 271_828,
    source: symbol === 'BNB' ? 'kraken' : 'binance',
    as_of: '2026-11-23T06:59:56Z',
    state: 'live',
    stale_after_s: 60,
  } as const;
}

const source = (state: SourceEntry['state'], rest: Partial<SourceEntry> = {}): SourceEntry => ({
  state,
  last_success_at: null,
  next_attempt_at: null,
  error: null,
  deviation_percent: null,
  ...rest,
});

const polled = {
  last_success_at: '2026-11-23T06:59:50Z',
  next_attempt_at: '2026-11-23T07:04:50Z',
};

const SOURCES: Readonly<Record<SourceId, SourceEntry>> = {
  binance: source('ok', { last_success_at: '2026-11-23T00:00:01Z' }),
  coinbase: source('set_aside', { deviation_percent: -1.37 }),
  kraken: source('ok'),
  coingecko: source('rate_limited', {
    ...polled,
    error: { code: 'rate_limited', at: '2026-11-23T06:59:50Z' },
  }),
  coinpaprika: source('ok', polled),
  coinlore: source('failing', {
    next_attempt_at: '2026-11-23T07:02:00Z',
    error: { code: 'bad_response', at: '2026-11-23T06:59:50Z' },
  }),
  coinmarketcap: source('blocked', { error: { code: 'blocked', at: '2026-11-23T06:59:50Z' } }),
  alternative_me: source('ok', polled),
  taapi: source('off'),
  finnhub: source('ok', polled),
};

/** It is Monday, 07:00 UTC: the funds stand as Friday's session left them. */
export function streamedDocument(changes: Partial<DashboardDocument> = {}): DashboardDocument {
  const base = testDocument();
  const symbols = Object.keys(PRICES);
  const empty = emptyDocument(
    symbols,
    { market: 1800, fng: 108_000, rsi_14: 60, rsi_14_taapi: 900, coin: 60 },
    false,
  );
  const funds = Object.entries(FUNDS).map(([symbol, numbers]) => [
    symbol,
    {
      ...coin(symbol, numbers),
      name: US_ETFS[symbol as keyof typeof US_ETFS],
      volume_24h_usd: null,
      source: 'finnhub',
      as_of: OPEN_UNTIL,
      state: 'stale',
      stale_after_s: 900,
    },
  ]);
  return {
    ...base,
    last_updated: '2026-11-23T06:59:56Z',
    coins: {
      ...empty.coins,
      ...Object.fromEntries(symbols.map((s) => [s, coin(s, PRICES[s] ?? [1, 0])])),
    },
    btc_spread: { percent: 0.04, prices: { binance: 77_705, coinbase: null, kraken: 77_736.1 } },
    us_etfs: Object.fromEntries(funds),
    freshness: {
      ...base.freshness,
      market: { ...base.freshness.market, source: 'coinpaprika' },
      rsi_14: { ...base.freshness.rsi_14, as_of: '2026-11-23T06:59:56Z', stale_after_s: 60 },
    },
    sources: SOURCES,
    ...changes,
  };
}
