/** What is kept of a document that another process wrote: figures that can be true, with times that can be. */

import {
  BASE_COIN,
  type Coin,
  type DashboardDocument,
  EARLIEST_MS,
  type FreshnessEntry,
  type FreshnessKey,
  isAccepted,
  judgedFigures,
  MARKET_KEYS,
  MARKET_KINDS,
  MAX_AHEAD_MS,
  type NumberKind,
  SOURCE_IDS,
  unreadCoin,
} from '../../contract/index.ts';

const NO_MARKET = {
  market_cap: null,
  volume_24h: null,
  market_cap_change_24h: null,
  volume_change_24h: null,
  btc_dominance: null,
  eth_dominance: null,
} as const;

const NO_FNG = {
  fng_value: null,
  fng_label: null,
  fng_next_update_at: null,
  fng_history: { yesterday: null, last_week: null, last_month: null },
} as const;

const NO_BTC = { btc_price_usd: null, btc_change_24h: null } as const;

/**
 * The document without what cannot be true. Figures that came together stand or fall together: one that is out of
 * range, or a time that is none, makes all of them read as they do before anything was read.
 * @param empty the document before anything was read
 * @param nowMs wall clock; a time more than {@link MAX_AHEAD_MS} later is none
 */
export function plausibleFigures(
  document: DashboardDocument,
  empty: DashboardDocument,
  nowMs: number,
): DashboardDocument {
  const { freshness, btc_spread } = document;
  const history = Object.values(document.fng_history).map((day) => day?.value ?? null);
  const isKept: Record<FreshnessKey, boolean> = {
    market:
      isJudged(freshness.market, document.market_cap, nowMs) &&
      MARKET_KEYS.every((key) => isNullOr(MARKET_KINDS[key], document[key])),
    fng:
      isJudged(freshness.fng, document.fng_value, nowMs) &&
      [document.fng_value, ...history].every((value) => isNullOr('fng', value)),
    rsi_14: isJudged(freshness.rsi_14, document.rsi_14, nowMs) && isNullOr('rsi', document.rsi_14),
    rsi_14_taapi:
      isJudged(freshness.rsi_14_taapi, document.rsi_14_taapi, nowMs) &&
      isNullOr('rsi', document.rsi_14_taapi),
  };
  const judged = (key: FreshnessKey) => (isKept[key] ? freshness : empty.freshness)[key];
  const plausible: DashboardDocument = {
    ...withPlausibleCoins(document, nowMs),
    ...(isKept.market ? {} : NO_MARKET),
    ...(isKept.fng ? {} : NO_FNG),
    ...(isKept.rsi_14 ? {} : { rsi_14: null }),
    ...(isKept.rsi_14_taapi ? {} : { rsi_14_taapi: null }),
    btc_spread: btc_spread !== null && isSpread(btc_spread) ? btc_spread : null,
    freshness: {
      market: judged('market'),
      fng: judged('fng'),
      rsi_14: judged('rsi_14'),
      rsi_14_taapi: judged('rsi_14_taapi'),
    },
  };
  return { ...plausible, last_updated: lastUpdated(plausible, nowMs) };
}

/** BTC's price stands twice in a document, and both places are one figure. */
function withPlausibleCoins(document: DashboardDocument, nowMs: number): DashboardDocument {
  const { coins, us_etfs, btc_price_usd, btc_change_24h } = document;
  const btc = Object.hasOwn(coins, BASE_COIN) ? coins[BASE_COIN] : undefined;
  const isBtcKept =
    btc_price_usd === (btc?.price_usd ?? null) &&
    btc_change_24h === (btc?.change_24h ?? null) &&
    (btc === undefined || isCoin(btc, nowMs));
  const kept = (all: Readonly<Record<string, Coin>>, isBroken: (symbol: string) => boolean) =>
    Object.fromEntries(
      Object.entries(all).map(([symbol, coin]) => [
        symbol,
        isBroken(symbol) || !isCoin(coin, nowMs) ? unreadLike(symbol, coin) : coin,
      ]),
    );
  return {
    ...document,
    ...(isBtcKept ? {} : NO_BTC),
    coins: kept(coins, (symbol) => symbol === BASE_COIN && !isBtcKept),
    us_etfs: us_etfs === null ? null : kept(us_etfs, () => false),
  };
}

const unreadLike = (symbol: string, { name, stale_after_s }: Coin): Coin => ({
  ...unreadCoin(symbol, stale_after_s),
  name,
});

const isCoin = (coin: Coin, nowMs: number): boolean =>
  isJudged(coin, coin.price_usd, nowMs) &&
  isNullOr('percent', coin.change_24h) &&
  isNullOr('amount', coin.volume_24h_usd) &&
  [coin.price_usd, coin.high_24h, coin.low_24h].every((price) => isNullOr('price', price));

/** A spread is between two prices at least. */
const isSpread = ({ percent, prices }: NonNullable<DashboardDocument['btc_spread']>): boolean =>
  isAccepted('percent', percent) &&
  percent >= 0 &&
  Object.values(prices).every((price) => isNullOr('price', price)) &&
  Object.values(prices).filter((price) => price !== null).length >= 2;

/** The newest time of the figures that are left, where the one that was written is none. */
function lastUpdated(document: DashboardDocument, nowMs: number): string | null {
  if (isTime(document.last_updated, nowMs)) return document.last_updated;
  const times = judgedFigures(document).flatMap(([, { as_of }]) => as_of ?? []);
  return times.toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null;
}

const isNullOr = (kind: NumberKind, value: number | null): boolean =>
  value === null || isAccepted(kind, value);

/** Nothing that is polled or published stays live for longer than this, seconds: five times Fear & Greed's day. */
const MAX_STALE_AFTER_S = 7 * 86_400;

/** A figure that is there says whose it is, of when, and for how long it is live; one that is not says nothing. */
function isJudged(entry: FreshnessEntry, main: number | null, nowMs: number): boolean {
  const { as_of, source, state, stale_after_s } = entry;
  if (as_of === null) return main === null && state === 'unavailable';
  const isKnown = SOURCE_IDS.some((id) => id === source);
  return isKnown && stale_after_s > 0 && stale_after_s <= MAX_STALE_AFTER_S && isTime(as_of, nowMs);
}

function isTime(text: string | null, nowMs: number): boolean {
  const ms = text === null ? Number.NaN : Date.parse(text);
  return ms >= EARLIEST_MS && ms <= nowMs + MAX_AHEAD_MS;
}
