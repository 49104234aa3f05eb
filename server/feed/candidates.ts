/** What each source has for each figure: its newest reading, else what the term inherited from it. */

import {
  type DashboardDocument,
  type FngValue,
  type FreshnessEntry,
  MARKET_KEYS,
  type MarketFigures,
  type SourceId,
  toWire,
} from '../../contract/index.ts';
import { rsi } from '../indicators/rsi.ts';
import type { CoinReading, Reading } from '../sources/source.ts';
import {
  CANDLE_SOURCES,
  type Candidate,
  FNG_SOURCES,
  MARKET_SOURCES,
  PRICE_SOURCES,
  type StaleTable,
} from './choice.ts';
import type { LatestReadings } from './readings.ts';

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
}

const DAY_MS = 86_400_000;

/** Candidates for the six market-wide figures. */
export function marketCandidates(known: Known): Candidate<MarketFigures>[] {
  const { latest, inherited } = known;
  const entry = inherited.freshness.market;
  return inOrder(
    known,
    MARKET_SOURCES,
    (source) => {
      const reading = latest.get('market', source);
      return reading?.figure === 'market' ? fromReading(reading, roundMarket(reading.value)) : null;
    },
    inherited.market_cap === null
      ? null
      : fromEntry(entry, known.staleAfterS.market, pickMarket(inherited)),
  );
}

/** Candidates for one coin. */
export function coinCandidates(known: Known, symbol: string): Candidate<CoinFigures>[] {
  const { latest, inherited } = known;
  const coin = Object.hasOwn(inherited.coins, symbol) ? inherited.coins[symbol] : undefined;
  const price = coin?.price_usd ?? null;
  return inOrder(
    known,
    PRICE_SOURCES,
    (source) => {
      const reading = latest.get(`coin:${symbol}`, source);
      if (reading?.figure !== 'coin') return null;
      const change = reading.value.change_24h;
      return fromReading(reading, {
        ...reading.value,
        change_24h: change === null ? null : toWire(change),
      });
    },
    coin === undefined || price === null
      ? null
      : fromEntry(coin, known.staleAfterS.coin, {
          price_usd: price,
          change_24h: coin.change_24h,
          high_24h: coin.high_24h,
          low_24h: coin.low_24h,
          volume_24h_usd: coin.volume_24h_usd,
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
      return fromReading(reading, {
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
      return reading?.figure === 'rsi_14_taapi'
        ? fromReading(reading, toWire(reading.value))
        : null;
    },
    rsi_14_taapi === null
      ? null
      : fromEntry(inherited.freshness.rsi_14_taapi, known.staleAfterS.rsi_14_taapi, rsi_14_taapi),
  );
}

/** Candidates for the daily RSI(14): the exchanges whose candles are known; TAAPI's only while none are. */
export function rsiCandidates(known: Known): Candidate<number>[] {
  const { latest, inherited } = known;
  const entry = inherited.freshness.rsi_14;
  const isFromCandles = entry.source !== null && entry.source !== 'taapi';
  const fromCandles = inOrder(
    known,
    CANDLE_SOURCES,
    (source) => candlesCandidate(latest.get('candles', source)),
    inherited.rsi_14 === null || !isFromCandles
      ? null
      : fromEntry(entry, known.staleAfterS.rsi_14, inherited.rsi_14),
  );
  // Candles are known once they were read; a number inherited from candles is preferred only while it stands.
  const areKnown = fromCandles.some(({ isInherited }) => !isInherited);
  return areKnown ? fromCandles : [...fromCandles, ...taapiCandidates(known)];
}

/** RSI over a source's candles; live only on the UTC day of the newest one. */
function candlesCandidate(reading: Reading | null): Candidate<number> | null {
  if (reading?.figure !== 'candles') return null;
  const value = rsi(reading.value.map(([, , , , close]) => close));
  const newest = reading.value.at(-1);
  if (value === null || newest === undefined) return null;
  const candidate = fromReading(reading, toWire(value));
  const endOfDayMs = Math.floor(newest[0] / DAY_MS) * DAY_MS + DAY_MS - 1;
  return { ...candidate, staleAtMs: Math.min(candidate.staleAtMs, endOfDayMs) };
}

/** One candidate a source: its reading in this term, else what was inherited from it. */
function inOrder<T>(
  { isOff }: Known,
  order: readonly SourceId[],
  read: (source: SourceId) => Candidate<T> | null,
  held: Candidate<T> | null,
): Candidate<T>[] {
  const inherited = held === null || isOff(held.source) ? null : held;
  const sources =
    inherited === null || order.includes(inherited.source) ? order : [...order, inherited.source];
  return sources.flatMap((source) => {
    const candidate = read(source) ?? (inherited?.source === source ? inherited : null);
    return candidate === null ? [] : [candidate];
  });
}

const fromReading = <T>(reading: Reading, value: T): Candidate<T> => ({
  source: reading.source,
  value,
  asOfMs: reading.asOfMs,
  staleAfterS: reading.staleAfterS,
  staleAtMs: reading.asOfMs + reading.staleAfterS * 1000,
  isInherited: false,
});

/** What a document says of a figure, as a candidate; `null` when it does not say whose it is or of when. */
function fromEntry<T>(entry: FreshnessEntry, limitS: number, value: T): Candidate<T> | null {
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
