/** How old a figure may be before it is shown as stale: the one table, and the one rule for judging by it. */

/** `live`: as good as its source gives it · `stale`: older than it should be · `unavailable`: not known (`null`). */
export type FigureState = 'live' | 'stale' | 'unavailable';

/** Seconds after `as_of` at which a figure stops being live. */
export const STALE_AFTER_S = {
  /** A price that comes by stream. */
  streamedPrice: 60,
  /** The daily RSI while its running close comes by stream. */
  streamedRsi: 60,
  /** Fear & Greed: published once a day, with six hours' grace. */
  fng: 30 * 3600,
} as const;

/** How long, in seconds, an upstream may itself answer from a cache. */
export const UPSTREAM_CACHE_S = {
  /** CoinGecko caches `/global` for about ten minutes on every plan. */
  coingeckoGlobal: 600,
  /** CoinGecko's `/simple/price` carries `s-maxage=60`. */
  coingeckoPrice: 60,
  /** CoinPaprika's `/global` carries `max-age=60`. */
  coinpaprikaGlobal: 60,
  /** CoinMarketCap counts its global metrics anew every five minutes. */
  coinmarketcapGlobal: 300,
  /** Live calculations; no cache is documented. */
  none: 0,
} as const;

/** A polled figure is stale after three missed rounds. */
export const MISSED_ROUNDS = 3;

/**
 * `stale_after_s` of a polled figure: three times the longest of what keeps it from being newer.
 * @param intervalsS seconds: the fetch interval, the interval the budget allows, the upstream's cache
 */
export const polledStaleAfterS = (...intervalsS: number[]): number =>
  MISSED_ROUNDS * Math.max(...intervalsS);

/** What is needed to judge a figure's freshness; the shape of `freshness.*`, of a coin and of an ETF. */
export interface Judged {
  readonly as_of: string | null;
  readonly state: FigureState;
  readonly stale_after_s: number;
}

/** When a live figure turns stale, in ms since 1970; `null` when it is not live. */
export function staleAtMs(figure: Judged): number | null {
  if (figure.state !== 'live' || figure.as_of === null) return null;
  return Date.parse(figure.as_of) + figure.stale_after_s * 1000;
}

/**
 * The worse of the document's word and one's own judgement. Whoever shows a figure asks this, so that no word from
 * the leader is needed to be honest about age.
 * @param nowMs the time to judge at, in ms since 1970 (a client corrects its clock by `hello` first)
 */
export function effectiveState(figure: Judged, nowMs: number): FigureState {
  const at = staleAtMs(figure);
  return at !== null && nowMs > at ? 'stale' : figure.state;
}

/** Age of a figure in ms, never negative; `null` when its time is not known. */
export function ageMs(asOf: string | null, nowMs: number): number | null {
  if (asOf === null) return null;
  const at = Date.parse(asOf);
  return Number.isFinite(at) ? Math.max(0, nowMs - at) : null;
}

/** How far a time may be ahead of the clock it is judged by and still count, ms; more is a clock gone wrong. */
export const MAX_AHEAD_MS = 60_000;

/** The year of Bitcoin's first block, ms since 1970; what claims to be older is no time of a market figure. */
export const EARLIEST_MS = Date.UTC(2009, 0, 1);

/** A time on the wire: ISO 8601 in UTC, to the second, rounded down (`2026-11-23T07:00:00Z`). */
export const toWireTime = (ms: number): string =>
  `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
