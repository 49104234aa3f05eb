/** A document as the tests of the page need it: every figure known and live at 07:00 UTC on 23 November 2026. */

import { type DashboardDocument, emptyDocument } from '../../contract/index.ts';

/** The moment the document is looked at; everything in it is a few seconds or minutes older. */
export const TEST_NOW_MS = Date.UTC(2026, 10, 23, 7, 0, 0);

const STALE_AFTER_S = { market: 1800, fng: 108_000, rsi_14: 900, rsi_14_taapi: 900, coin: 60 };

/** Nothing was ever read. */
export const emptyTestDocument = (): DashboardDocument =>
  emptyDocument(['BTC', 'ETH'], STALE_AFTER_S, false);

/** @param changes top-level parts that are to be different */
export function testDocument(changes: Partial<DashboardDocument> = {}): DashboardDocument {
  const empty = emptyTestDocument();
  const btc = {
    name: 'Bitcoin',
    price_usd: 77_705,
    change_24h: -1.41,
    high_24h: null,
    low_24h: null,
    volume_24h_usd: null,
    source: 'coingecko',
    as_of: '2026-11-23T06:59:30Z',
    state: 'live',
    stale_after_s: 60,
  } as const;
  const ok = {
    state: 'ok',
    last_success_at: '2026-11-23T06:59:50Z',
    next_attempt_at: '2026-11-23T07:05:00Z',
    error: null,
    deviation_percent: null,
  } as const;
  return {
    ...empty,
    market_cap: 2_621_040_321_355.0405,
    volume_24h: 95_133_256_404.37308,
    btc_price_usd: 77_705,
    btc_change_24h: -1.41,
    fng_value: 26,
    rsi_14: 33.45,
    last_updated: '2026-11-23T06:59:30Z',
    market_cap_change_24h: -1.6,
    volume_change_24h: 3.2,
    btc_dominance: 57.95,
    eth_dominance: 9.58,
    fng_label: 'Fear',
    fng_next_update_at: '2026-11-24T00:00:00Z',
    fng_history: {
      yesterday: { value: 28, label: 'Fear' },
      last_week: { value: 22, label: 'Extreme Fear' },
      last_month: null,
    },
    coins: { ...empty.coins, BTC: btc },
    freshness: {
      market: { ...empty.freshness.market, source: 'coingecko', ...live('2026-11-23T06:50:00Z') },
      fng: { ...empty.freshness.fng, source: 'alternative_me', ...live('2026-11-23T00:00:00Z') },
      rsi_14: { ...empty.freshness.rsi_14, source: 'binance', ...live('2026-11-23T06:59:00Z') },
      rsi_14_taapi: empty.freshness.rsi_14_taapi,
    },
    sources: { binance: ok, coingecko: ok, alternative_me: ok },
    ...changes,
  };
}

const live = (asOf: string) => ({ as_of: asOf, state: 'live' }) as const;
