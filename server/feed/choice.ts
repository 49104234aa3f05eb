/** Whose figure is shown: the first living source in order of preference. */

import type { FigureState, FreshnessKey, SourceId } from '../../contract/index.ts';

/** Sources of the market-wide figures, best first. */
export const MARKET_SOURCES = [
  'coingecko',
  'coinpaprika',
  'coinlore',
  'coinmarketcap',
] as const satisfies readonly SourceId[];

/** Sources of a coin's price, best first. */
export const PRICE_SOURCES = [
  'binance',
  'coinbase',
  'kraken',
  'coingecko',
] as const satisfies readonly SourceId[];

/** Sources of the candles that the RSI is computed from, best first. */
export const CANDLE_SOURCES = [
  'binance',
  'coinbase',
  'kraken',
] as const satisfies readonly SourceId[];

/** Sources of the Fear & Greed index: there is one. */
export const FNG_SOURCES = ['alternative_me'] as const satisfies readonly SourceId[];

/** Seconds after which a polled figure is stale at the latest, by freshness key, and for a coin. */
export type StaleTable = Readonly<Record<FreshnessKey | 'coin', number>>;

/** What a source has for a figure. */
export interface Candidate<T> {
  readonly source: SourceId;
  readonly value: T;
  readonly asOfMs: number;
  readonly staleAfterS: number;
  /** When it stops being live, ms since 1970; for most `asOfMs + staleAfterS`. */
  readonly staleAtMs: number;
  /** It comes from the document this term began with, not from an answer this node has seen. */
  readonly isInherited: boolean;
}

/** A candidate that was chosen. */
export interface Choice<T> extends Candidate<T> {
  readonly state: Exclude<FigureState, 'unavailable'>;
}

/**
 * Chooses among what the sources have.
 * @param candidates in order of preference
 * @param shown whose figure is shown now: with none alive it stays, stale
 * @param isDead whether a source is known not to be answering for this figure any more
 * @returns `null` when no source has anything
 */
export function choose<T>(
  candidates: readonly Candidate<T>[],
  shown: SourceId | null,
  nowMs: number,
  isDead: (candidate: Candidate<T>) => boolean,
): Choice<T> | null {
  const isLive = (candidate: Candidate<T>) => nowMs <= candidate.staleAtMs && !isDead(candidate);
  const live = candidates.find(isLive);
  if (live) return { ...live, state: 'live' };
  const last = candidates.find(({ source }) => source === shown) ?? candidates[0];
  return last ? { ...last, state: 'stale' } : null;
}
