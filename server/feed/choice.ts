/** Whose figure is shown: the first living source in order of preference. */

import {
  EXCHANGES,
  type FigureState,
  type FreshnessKey,
  type SourceId,
} from '../../contract/index.ts';

/** Sources of the market-wide figures, best first. */
export const MARKET_SOURCES = [
  'coingecko',
  'coinpaprika',
  'coinlore',
  'coinmarketcap',
] as const satisfies readonly SourceId[];

/** Sources of a coin's price, best first. */
export const PRICE_SOURCES = [...EXCHANGES, 'coingecko'] as const satisfies readonly SourceId[];

/** Sources of the candles that the RSI is computed from, best first. */
export const CANDLE_SOURCES: readonly SourceId[] = EXCHANGES;

/** Sources of the Fear & Greed index: there is one. */
export const FNG_SOURCES = ['alternative_me'] as const satisfies readonly SourceId[];

/** Sources of the US funds: there is one. */
export const ETF_SOURCES = ['finnhub'] as const satisfies readonly SourceId[];

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
  /** It follows its exchange's stream, and was good when it came. */
  readonly isStreamed: boolean;
  /** Of two that this node was sent, the higher one came later; 0 for what is inherited. */
  readonly arrival: number;
  /** Its source is known not to be good for this figure any more, however young it is. */
  readonly isDead: boolean;
}

/** A candidate that was chosen. */
export interface Choice<T> extends Candidate<T> {
  readonly state: Exclude<FigureState, 'unavailable'>;
}

/**
 * Chooses among what the sources have: the first live one.
 * @param candidates in order of preference
 * @param shown whose figure is shown now: with none alive it stays, stale
 * @returns `null` when no source has anything
 */
export function choose<T>(
  candidates: readonly Candidate<T>[],
  shown: SourceId | null,
  nowMs: number,
): Choice<T> | null {
  const live = candidates.find(
    (candidate) =>
      nowMs <= candidate.staleAtMs &&
      !candidate.isDead &&
      (candidate.source === shown || !isOvertaken(candidate, candidates)),
  );
  if (live) return { ...live, state: 'live' };
  const last = candidates.find(({ source }) => source === shown) ?? candidates[0];
  return last ? { ...last, state: 'stale' } : null;
}

/**
 * Whether a stream has said something newer: a polled source is asked anew before it takes over from a stream, and what
 * is inherited does not come back.
 */
const isOvertaken = <T>(candidate: Candidate<T>, candidates: readonly Candidate<T>[]): boolean =>
  !candidate.isStreamed &&
  candidates.some(({ isStreamed, arrival }) => isStreamed && arrival > candidate.arrival);
