/** The one document: everything the dashboard shows, as it is stored, sent and drawn. */

import { BASE_COIN, coinName, etfName } from './coins.ts';
import { MARKET_KEYS, type MarketKey } from './figures.ts';
import { effectiveState, type Judged } from './freshness.ts';
import type { ErrorCode, SourceId, SourceState } from './sources.ts';

/** One value of the Fear & Greed index with the provider's own label. */
export interface FngValue {
  /** Whole number 0 … 100. */
  readonly value: number;
  /** The provider's label as sent, e.g. `Extreme Fear`. */
  readonly label: string;
}

/** Where a figure comes from and how old it is. */
export interface FreshnessEntry extends Judged {
  /** `null` while the figure was never read. */
  readonly source: SourceId | null;
}

/** One coin, or one ETF. `null` for whatever was not read. */
export interface Coin extends FreshnessEntry {
  readonly name: string;
  /** US dollars. */
  readonly price_usd: number | null;
  /** Per cent over 24 hours, from the source whose price is shown. */
  readonly change_24h: number | null;
  /** US dollars. */
  readonly high_24h: number | null;
  /** US dollars. */
  readonly low_24h: number | null;
  /** US dollars. */
  readonly volume_24h_usd: number | null;
}

/** What a source is doing. Streams have no times. */
export interface SourceEntry {
  readonly state: SourceState;
  readonly last_success_at: string | null;
  readonly next_attempt_at: string | null;
  readonly error: { readonly code: ErrorCode; readonly at: string } | null;
  /** Per cent off the other exchanges' prices; `null` unless it is set aside and streams a price. */
  readonly deviation_percent: number | null;
}

/** Prices of one moment at the live exchanges. */
export interface BtcSpread {
  /** (highest − lowest) / lowest × 100. */
  readonly percent: number;
  /** US dollars by exchange; `null` for one that is not live. */
  readonly prices: Readonly<Record<string, number | null>>;
}

/** Keys of `freshness`: the figures whose freshness stands on its own. */
export const FRESHNESS_KEYS = ['market', 'fng', 'rsi_14', 'rsi_14_taapi'] as const;

/** See {@link FRESHNESS_KEYS}. */
export type FreshnessKey = (typeof FRESHNESS_KEYS)[number];

/**
 * The document. The first seven keys are the original contract and never change. A number is true or it is `null`.
 * Times are ISO 8601, UTC, to the second. Ages are never sent.
 */
export interface DashboardDocument {
  /** US dollars. */
  readonly market_cap: number | null;
  /** US dollars. */
  readonly volume_24h: number | null;
  /** US dollars; the same as `coins.BTC.price_usd`. */
  readonly btc_price_usd: number | null;
  /** Per cent; the same as `coins.BTC.change_24h`. */
  readonly btc_change_24h: number | null;
  /** Whole number 0 … 100. */
  readonly fng_value: number | null;
  /** Daily RSI(14) with the running price as last close; TAAPI's only while no candles are known. */
  readonly rsi_14: number | null;
  /** The newest `as_of` in the document; `null` before the first. */
  readonly last_updated: string | null;

  /** Per cent. */
  readonly market_cap_change_24h: number | null;
  /** Per cent. */
  readonly volume_change_24h: number | null;
  /** Per cent of the whole market. */
  readonly btc_dominance: number | null;
  /** Per cent of the whole market. */
  readonly eth_dominance: number | null;
  /** The provider's label of `fng_value`. */
  readonly fng_label: string | null;
  /** When the provider announced its next value. */
  readonly fng_next_update_at: string | null;
  /** Earlier values, by calendar day; `null` where the series has a hole. */
  readonly fng_history: {
    readonly yesterday: FngValue | null;
    readonly last_week: FngValue | null;
    readonly last_month: FngValue | null;
  };
  /** TAAPI's own daily RSI(14), when a key is set. */
  readonly rsi_14_taapi: number | null;
  /** `null` with fewer than two live exchanges. */
  readonly btc_spread: BtcSpread | null;
  /** Every configured coin, unread ones with `null`s. */
  readonly coins: Readonly<Record<string, Coin>>;
  /** Entries have the shape of a coin; `null` without a key. */
  readonly us_etfs: Readonly<Record<string, Coin>> | null;
  readonly freshness: Readonly<Record<FreshnessKey, FreshnessEntry>>;
  readonly sources: Readonly<Partial<Record<SourceId, SourceEntry>>>;
  /** Whether the upstreams are a simulation. */
  readonly simulated: boolean;
}

/** The market-wide figures of a document, by their own keys. */
export type MarketFigures = Readonly<Record<MarketKey, number | null>>;

/** A freshness entry of a figure that was never read. */
export const unread = (staleAfterS: number): FreshnessEntry => ({
  source: null,
  as_of: null,
  state: 'unavailable',
  stale_after_s: staleAfterS,
});

/** A coin that was never read. */
export const unreadCoin = (symbol: string, staleAfterS: number): Coin => ({
  name: coinName(symbol),
  price_usd: null,
  change_24h: null,
  high_24h: null,
  low_24h: null,
  volume_24h_usd: null,
  ...unread(staleAfterS),
});

/** A US fund that was never read. */
export const unreadEtf = (symbol: string, staleAfterS: number): Coin => ({
  ...unreadCoin(symbol, staleAfterS),
  name: etfName(symbol),
});

/**
 * The document before anything was read: every figure `null`.
 * @param coins symbols in the order of the page; BTC is added in front when it is missing
 * @param staleAfterS seconds by freshness key, and for a coin
 */
export function emptyDocument(
  coins: readonly string[],
  staleAfterS: Readonly<Record<FreshnessKey | 'coin', number>>,
  simulated: boolean,
): DashboardDocument {
  const symbols = coins.includes(BASE_COIN) ? coins : [BASE_COIN, ...coins];
  return {
    market_cap: null,
    volume_24h: null,
    btc_price_usd: null,
    btc_change_24h: null,
    fng_value: null,
    rsi_14: null,
    last_updated: null,
    market_cap_change_24h: null,
    volume_change_24h: null,
    btc_dominance: null,
    eth_dominance: null,
    fng_label: null,
    fng_next_update_at: null,
    fng_history: { yesterday: null, last_week: null, last_month: null },
    rsi_14_taapi: null,
    btc_spread: null,
    coins: Object.fromEntries(symbols.map((s) => [s, unreadCoin(s, staleAfterS.coin)])),
    us_etfs: null,
    freshness: {
      market: unread(staleAfterS.market),
      fng: unread(staleAfterS.fng),
      rsi_14: unread(staleAfterS.rsi_14),
      rsi_14_taapi: unread(staleAfterS.rsi_14_taapi),
    },
    sources: {},
    simulated,
  };
}

/** Everything in a document that has a freshness of its own, with a name for logs: `market`, `coins.BTC` … */
export function judgedFigures(
  document: DashboardDocument,
): [name: string, figure: FreshnessEntry][] {
  return [
    ...FRESHNESS_KEYS.map((key): [string, FreshnessEntry] => [key, document.freshness[key]]),
    ...Object.entries(document.coins).map(([s, coin]): [string, FreshnessEntry] => [
      `coins.${s}`,
      coin,
    ]),
    ...Object.entries(document.us_etfs ?? {}).map(([s, etf]): [string, FreshnessEntry] => [
      `us_etfs.${s}`,
      etf,
    ]),
  ];
}

/**
 * Whether at least one figure that was once read is now stale. Funds do not count: while their market is closed, most of
 * the week, their last trade is old and nothing is amiss.
 */
export const hasStaleFigures = (document: DashboardDocument, nowMs: number): boolean =>
  judgedFigures({ ...document, us_etfs: null }).some(
    ([, figure]) => effectiveState(figure, nowMs) === 'stale',
  );

/** Whether nothing at all was ever read: every figure of the original contract, every coin and every fund is `null`. */
export const isEmpty = (document: DashboardDocument): boolean =>
  MARKET_KEYS.every((key) => document[key] === null) &&
  document.fng_value === null &&
  document.rsi_14 === null &&
  document.rsi_14_taapi === null &&
  [...Object.values(document.coins), ...Object.values(document.us_etfs ?? {})].every(
    ({ price_usd }) => price_usd === null,
  );
