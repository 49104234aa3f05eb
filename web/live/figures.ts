/** What the cards are drawn from: the document cut into groups that change together, each judged by the page itself. */

import { computed, type ReadonlySignal } from '@preact/signals';
import {
  BASE_COIN,
  type BtcSpread,
  type Coin,
  type DashboardDocument,
  type FngValue,
  MARKET_KEYS,
  type MarketFigures,
  SOURCE_IDS,
  type SourceEntry,
  type SourceId,
} from '../../contract/index.ts';
import { type CoinFigure, coinFigure, type LiveCoins, liveCoins } from './coin-figure.ts';
import { settled } from './same.ts';
import { type Figure, type Judgement, parseTime, standingOf } from './standing.ts';
import { isMarketClosed, isOutsideSession } from './us-market.ts';

/** The index of the day and what surrounds it. */
export interface FngFigures {
  readonly value: number | null;
  readonly label: string | null;
  /** ms since 1970. */
  readonly nextUpdateAtMs: number | null;
  readonly yesterday: FngValue | null;
  readonly last_week: FngValue | null;
  readonly last_month: FngValue | null;
}

/** A source and what it is doing. */
export interface SourceFigure {
  readonly id: SourceId;
  readonly entry: SourceEntry;
}

/** One signal for each group. */
export interface Figures {
  readonly market: ReadonlySignal<Figure<MarketFigures>>;
  readonly btc: ReadonlySignal<CoinFigure>;
  readonly spread: ReadonlySignal<BtcSpread | null>;
  readonly fng: ReadonlySignal<Figure<FngFigures>>;
  readonly rsi: ReadonlySignal<Figure<number | null>>;
  readonly rsiTaapi: ReadonlySignal<Figure<number | null>>;
  /** The configured coins, in the order of the page. */
  readonly symbols: ReadonlySignal<readonly string[]>;
  /** Who supplies those that are live, and how old they are at most. */
  readonly liveCoins: ReadonlySignal<LiveCoins>;
  /** The US funds, in the order of the document; `null` without a key. */
  readonly etfSymbols: ReadonlySignal<readonly string[] | null>;
  /** The funds stand still because no session is on. */
  readonly isUsMarketClosed: ReadonlySignal<boolean>;
  /** Who supplies what; changes far less often than the figures do. */
  readonly origins: ReadonlySignal<Origins>;
  readonly sources: ReadonlySignal<readonly SourceFigure[]>;
  /** One coin; a symbol that is not configured is unavailable. The same signal each time. */
  coin(symbol: string): ReadonlySignal<CoinFigure>;
  /** One US fund; as a coin. */
  etf(symbol: string): ReadonlySignal<CoinFigure>;
}

/** Where each group of figures comes from; `null` while it was never read. */
export interface Origins {
  readonly market: SourceId | null;
  readonly fng: SourceId | null;
  readonly rsi: SourceId | null;
  readonly rsiTaapi: SourceId | null;
  /** By symbol, Bitcoin included. */
  readonly coins: Readonly<Record<string, SourceId | null>>;
  /** By symbol; empty without a key. */
  readonly etfs: Readonly<Record<string, SourceId | null>>;
  /** Whose prices come by a stream, as far as the document shows it. */
  readonly streams: readonly SourceId[];
}

const sourcesOf = (coins: Readonly<Record<string, Coin>>) =>
  Object.fromEntries(Object.entries(coins).map(([symbol, coin]) => [symbol, coin.source]));

/** A live exchange streams; and whoever's price is newer than its last answer did not bring it by an answer. */
function isStreaming({ btc_spread, coins, sources }: DashboardDocument, id: SourceId): boolean {
  const answeredMs = parseTime(sources[id]?.last_success_at ?? null);
  return (
    typeof btc_spread?.prices[id] === 'number' ||
    Object.values(coins).some(
      ({ source, state, as_of }) =>
        source === id && state === 'live' && (parseTime(as_of) ?? 0) > (answeredMs ?? Infinity),
    )
  );
}

const originsOf = (document: DashboardDocument): Origins => ({
  market: document.freshness.market.source,
  fng: document.freshness.fng.source,
  rsi: document.freshness.rsi_14.source,
  rsiTaapi: document.freshness.rsi_14_taapi.source,
  coins: sourcesOf(document.coins),
  etfs: sourcesOf(document.us_etfs ?? {}),
  streams: SOURCE_IDS.filter((id) => isStreaming(document, id)),
});

const marketFigure = (document: DashboardDocument, judgement: Judgement) => ({
  // MARKET_KEYS are the keys of MarketFigures, every one.
  value: Object.fromEntries(MARKET_KEYS.map((key) => [key, document[key]])) as MarketFigures,
  ...standingOf(document.freshness.market, judgement),
});

const fngFigure = (document: DashboardDocument, judgement: Judgement): Figure<FngFigures> => ({
  value: {
    value: document.fng_value,
    label: document.fng_label,
    nextUpdateAtMs: parseTime(document.fng_next_update_at),
    ...document.fng_history,
  },
  ...standingOf(document.freshness.fng, judgement),
});

/**
 * @param shown the document on the page
 * @param judgement read again at every tick
 */
export function createFigures(
  shown: ReadonlySignal<DashboardDocument>,
  judgement: ReadonlySignal<Judgement>,
): Figures {
  const group = <T>(cut: (document: DashboardDocument, judgement: Judgement) => T) =>
    settled(() => cut(shown.value, judgement.value));
  // Apart from the document: telling a time in New York costs more than all the rest of a tick's judgement.
  const isOutside = computed(() => isOutsideSession(judgement.value.nowMs));
  const coin = onceEach((symbol) => group((d, j) => coinFigure(d.coins, symbol, j)));
  return {
    coin,
    etf: onceEach((symbol) => group((d, j) => coinFigure(d.us_etfs, symbol, j))),
    btc: coin(BASE_COIN),
    market: group(marketFigure),
    spread: settled(() => shown.value.btc_spread),
    fng: group(fngFigure),
    rsi: group((d, j) => ({ value: d.rsi_14, ...standingOf(d.freshness.rsi_14, j) })),
    rsiTaapi: group((d, j) => ({
      value: d.rsi_14_taapi,
      ...standingOf(d.freshness.rsi_14_taapi, j),
    })),
    symbols: settled(() => Object.keys(shown.value.coins)),
    liveCoins: group((d, j) => liveCoins(Object.values(d.coins), j)),
    etfSymbols: settled(() => shown.value.us_etfs && Object.keys(shown.value.us_etfs)),
    isUsMarketClosed: group((d, j) => isMarketClosed(d.us_etfs, j, isOutside.value)),
    origins: settled(() => originsOf(shown.value)),
    sources: settled(() =>
      SOURCE_IDS.flatMap((id) => {
        const entry = shown.value.sources[id];
        return entry ? [{ id, entry }] : [];
      }),
    ),
  };
}

/** Makes one of a kind for each symbol, when it is first asked for. The symbols are the document's, so they are few. */
function onceEach<T>(create: (symbol: string) => T): (symbol: string) => T {
  const made = new Map<string, T>();
  return (symbol) => {
    const held = made.get(symbol) ?? create(symbol);
    made.set(symbol, held);
    return held;
  };
}
