/** What each source has for each figure: its newest reading, else what the term inherited from it. */

import {
  type Coin,
  type DashboardDocument,
  type FngValue,
  type FreshnessEntry,
  MARKET_KEYS,
  type MarketFigures,
  type SourceId,
  toWire,
} from '../../contract/index.ts';
import type { CoinReading } from '../sources/source.ts';
import {
  type Candidate,
  ETF_SOURCES,
  FNG_SOURCES,
  MARKET_SOURCES,
  PRICE_SOURCES,
  type StaleTable,
} from './choice.ts';
import { isExchange, staleAtMs } from './exchanges.ts';
import type { Held, LatestReadings, Slot } from './readings.ts';

/** The Fear & Greed side of the document. */
export interface FngFigures {
  readonly fng_value: number;
  readonly fng_label: string | null;
  readonly nextUpdateAtMs: number | null;
  readonly fng_history: {
    readonly yesterday: FngValue | null;
    readonly last_week: FngValue | null;
    readonly last_month: FngValue | null;
  };
}

/** The figures of a coin. */
export type CoinFigures = CoinReading['value'];

/** What the sources said in this term, and the document the term began with. */
export interface Known {
  readonly latest: LatestReadings;
  readonly inherited: DashboardDocument;
  /** An inherited figure is live for no longer than this node would let it be. */
  readonly staleAfterS: StaleTable;
  /** Whether a source is not asked at all: then nothing is inherited from it. */
  readonly isOff: (source: SourceId) => boolean;
  /** Whether this node found a source not answering; what was inherited from it is then not live any more. */
  readonly isDown: (source: SourceId) => boolean;
  /** Whether an exchange's prices deviate: then none of them is shown. */
  readonly isAside: (source: SourceId) => boolean;
  /** Since which `arrival` they do; `null` when they do not. */
  readonly asideSince: (source: SourceId) => number | null;
  /** A figure of the inherited document that is of a later time is of a clock that was ahead, ms since 1970. */
  readonly inheritedUntilMs: number;
}

/** Candidates for the six market-wide figures. */
export function marketCandidates(known: Known): Candidate<MarketFigures>[] {
  const { latest, inherited } = known;
  const entry = inherited.freshness.market;
  return inOrder(
    known,
    MARKET_SOURCES,
    (source) => {
      const reading = latest.get('market', source);
      return reading?.figure === 'market' ? fromHeld(reading, roundMarket(reading.value)) : null;
    },
    inherited.market_cap === null
      ? null
      : fromEntry(entry, known.staleAfterS.market, pickMarket(inherited)),
  );
}

/** Candidates for one coin. */
export function coinCandidates(known: Known, symbol: string): Candidate<CoinFigures>[] {
  const { coins } = known.inherited;
  return pricedCandidates(known, PRICE_SOURCES, `coin:${symbol}`, ownEntry(coins, symbol)).map(
    (candidate) => {
      const since = known.asideSince(candidate.source);
      return since === null ? candidate : asideOf(candidate, since);
    },
  );
}

/** Candidates for one US fund. */
export function etfCandidates(known: Known, symbol: string): Candidate<CoinFigures>[] {
  const { us_etfs } = known.inherited;
  return pricedCandidates(known, ETF_SOURCES, `etf:${symbol}`, ownEntry(us_etfs ?? {}, symbol));
}

const ownEntry = (entries: Readonly<Record<string, Coin>>, symbol: string): Coin | null =>
  Object.hasOwn(entries, symbol) ? (entries[symbol] ?? null) : null;

/**
 * What deviates is not live, and is followed like a stream that has ended: by another exchange at once, by a polled price
 * when that was asked anew. One of before may be nearer the market, but nobody has asked whether it still is, and shown as
 * live it would take the coin back in time. What the exchange goes on to say keeps nothing from being shown.
 * @param since the `arrival` when it was set aside
 */
const asideOf = <T>(candidate: Candidate<T>, since: number): Candidate<T> => ({
  ...candidate,
  isDead: true,
  arrival: Math.min(candidate.arrival, since),
});

function pricedCandidates(
  known: Known,
  order: readonly SourceId[],
  slot: Slot,
  inherited: Coin | null,
): Candidate<CoinFigures>[] {
  const price = inherited?.price_usd ?? null;
  return inOrder(
    known,
    order,
    (source) => {
      const held = known.latest.get(slot, source);
      if (held?.figure !== 'coin' && held?.figure !== 'etf') return null;
      const change = held.value.change_24h;
      return fromHeld(held, {
        ...held.value,
        change_24h: change === null ? null : toWire(change),
      });
    },
    inherited === null || price === null
      ? null
      : fromEntry(inherited, known.staleAfterS.coin, {
          price_usd: price,
          change_24h: inherited.change_24h,
          high_24h: inherited.high_24h,
          low_24h: inherited.low_24h,
          volume_24h_usd: inherited.volume_24h_usd,
        }),
  );
}

/** Candidates for the Fear & Greed index. */
export function fngCandidates(known: Known): Candidate<FngFigures>[] {
  const { latest, inherited } = known;
  const { fng_value, fng_label, fng_history, fng_next_update_at } = inherited;
  return inOrder(
    known,
    FNG_SOURCES,
    (source) => {
      const reading = latest.get('fng', source);
      if (reading?.figure !== 'fng') return null;
      const { value, label, nextUpdateAtMs, history } = reading.value;
      return fromHeld(reading, {
        fng_value: value,
        fng_label: label,
        nextUpdateAtMs,
        fng_history: history,
      });
    },
    fng_value === null
      ? null
      : fromEntry(inherited.freshness.fng, known.staleAfterS.fng, {
          fng_value,
          fng_label,
          nextUpdateAtMs: fng_next_update_at === null ? null : Date.parse(fng_next_update_at),
          fng_history,
        }),
  );
}

/** Candidates for TAAPI's own RSI. */
export function taapiCandidates(known: Known): Candidate<number>[] {
  const { latest, inherited } = known;
  const { rsi_14_taapi } = inherited;
  return inOrder(
    known,
    ['taapi'],
    (source) => {
      const reading = latest.get('rsi_14_taapi', source);
      return reading?.figure === 'rsi_14_taapi' ? fromHeld(reading, toWire(reading.value)) : null;
    },
    rsi_14_taapi === null
      ? null
      : fromEntry(inherited.freshness.rsi_14_taapi, known.staleAfterS.rsi_14_taapi, rsi_14_taapi),
  );
}

/** One candidate a source: its reading in this term, else what was inherited from it. */
export function inOrder<T>(
  { isOff, isDown, inheritedUntilMs }: Known,
  order: readonly SourceId[],
  read: (source: SourceId) => Candidate<T> | null,
  held: Candidate<T> | null,
): Candidate<T>[] {
  const isDead = (candidate: Candidate<T>) =>
    isDown(candidate.source) || candidate.asOfMs > inheritedUntilMs;
  const inherited = held === null || isOff(held.source) ? null : { ...held, isDead: isDead(held) };
  const sources =
    inherited === null || order.includes(inherited.source) ? order : [...order, inherited.source];
  return sources.flatMap((source) => {
    const candidate = read(source) ?? (inherited?.source === source ? inherited : null);
    return candidate === null ? [] : [candidate];
  });
}

/** A reading of this term, as a candidate. */
export function fromHeld<T>(held: Held, value: T): Candidate<T> {
  const { source, asOfMs, staleAfterS, receivedAtMs, arrival, isLost } = held;
  const endsMs = staleAtMs(held);
  return {
    ...{ source, value, asOfMs, staleAfterS, arrival },
    staleAtMs: endsMs,
    isInherited: false,
    isStreamed: isExchange(source) && held.figure === 'coin' && receivedAtMs <= endsMs,
    isDead: isLost,
  };
}

/** What a document says of a figure, as a candidate; `null` when it does not say whose it is or of when. */
export function fromEntry<T>(entry: FreshnessEntry, limitS: number, value: T): Candidate<T> | null {
  const asOfMs = entry.as_of === null ? Number.NaN : Date.parse(entry.as_of);
  if (entry.source === null || !Number.isFinite(asOfMs)) return null;
  const staleAfterS = Math.min(entry.stale_after_s, limitS);
  return {
    source: entry.source,
    value,
    asOfMs,
    staleAfterS,
    staleAtMs: asOfMs + staleAfterS * 1000,
    isInherited: true,
    isStreamed: false,
    arrival: 0,
    isDead: false,
  };
}

const pickMarket = (document: DashboardDocument): MarketFigures => ({
  market_cap: document.market_cap,
  volume_24h: document.volume_24h,
  market_cap_change_24h: document.market_cap_change_24h,
  volume_change_24h: document.volume_change_24h,
  btc_dominance: document.btc_dominance,
  eth_dominance: document.eth_dominance,
});

/** Caps and volumes stay as sent; per cents get the wire's decimals. */
const roundMarket = (figures: MarketFigures): MarketFigures => {
  const rounded = { ...figures };
  for (const key of MARKET_KEYS) {
    const value = rounded[key];
    const isAmount = key === 'market_cap' || key === 'volume_24h';
    if (value !== null && !isAmount) rounded[key] = toWire(value);
  }
  return rounded;
};
