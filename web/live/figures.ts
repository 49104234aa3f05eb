/** What the cards are drawn from: the document cut into groups that change together, each judged by the page itself. */

import type { ReadonlySignal } from '@preact/signals';
import {
  BASE_COIN,
  type BtcSpread,
  type Coin,
  coinName,
  type DashboardDocument,
  effectiveState,
  type FigureState,
  type FngValue,
  type Judged,
  MARKET_KEYS,
  type MarketFigures,
  SOURCE_IDS,
  type SourceEntry,
  type SourceId,
} from '../../contract/index.ts';
import { settled } from './same.ts';

/** Where a figure comes from, what time it is of, and how far it can be trusted. */
export interface Standing {
  readonly source: SourceId | null;
  /** ms since 1970. */
  readonly asOfMs: number | null;
  /** The worse of the document's word and the page's own judgement. */
  readonly state: FigureState;
}

/** A group of figures with one standing. */
export interface Figure<T> extends Standing {
  readonly value: T;
}

/** What is known of a coin. US dollars and per cent. */
export type CoinValues = Pick<
  Coin,
  'name' | 'price_usd' | 'change_24h' | 'high_24h' | 'low_24h' | 'volume_24h_usd'
>;

/** A coin under its symbol. */
export interface CoinFigure extends Figure<CoinValues> {
  readonly symbol: string;
}

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
  /** How many of them have a price. */
  readonly pricedCoins: ReadonlySignal<number>;
  /** Who supplies what; changes far less often than the figures do. */
  readonly origins: ReadonlySignal<Origins>;
  readonly sources: ReadonlySignal<readonly SourceFigure[]>;
  /** One coin; a symbol that is not configured is unavailable. The same signal each time. */
  coin(symbol: string): ReadonlySignal<CoinFigure>;
}

/** Where each group of figures comes from; `null` while it was never read. */
export interface Origins {
  readonly market: SourceId | null;
  readonly fng: SourceId | null;
  readonly rsi: SourceId | null;
  readonly rsiTaapi: SourceId | null;
  /** By symbol, Bitcoin included. */
  readonly coins: Readonly<Record<string, SourceId | null>>;
}

/** How the page judges, at this moment. */
export interface Judgement {
  /** The server's time, ms since 1970. */
  readonly nowMs: number;
  /** Offline, paused or without the server's time: nothing is better than stale. */
  readonly isHeld: boolean;
}

const parseTime = (time: string | null): number | null => {
  const ms = time === null ? Number.NaN : Date.parse(time);
  return Number.isFinite(ms) ? ms : null;
};

/** The worse of the document's word, the figure's age, and what the page knows of itself. */
export function judge(figure: Judged, { nowMs, isHeld }: Judgement): FigureState {
  const state = effectiveState(figure, nowMs);
  return isHeld && state === 'live' ? 'stale' : state;
}

const standing = (
  entry: Judged & { readonly source: SourceId | null },
  judgement: Judgement,
): Standing => ({
  source: entry.source,
  asOfMs: parseTime(entry.as_of),
  state: judge(entry, judgement),
});

function coinFigure(document: DashboardDocument, symbol: string, judgement: Judgement): CoinFigure {
  const coin = Object.hasOwn(document.coins, symbol) ? document.coins[symbol] : undefined;
  if (!coin) return { symbol, value: unknownCoin(symbol), ...NEVER_READ };
  const { name, price_usd, change_24h, high_24h, low_24h, volume_24h_usd } = coin;
  return {
    symbol,
    value: { name, price_usd, change_24h, high_24h, low_24h, volume_24h_usd },
    ...standing(coin, judgement),
  };
}

const NEVER_READ: Standing = { source: null, asOfMs: null, state: 'unavailable' };

const unknownCoin = (symbol: string): CoinValues => ({
  name: coinName(symbol),
  price_usd: null,
  change_24h: null,
  high_24h: null,
  low_24h: null,
  volume_24h_usd: null,
});

const originsOf = ({ freshness, coins }: DashboardDocument): Origins => ({
  market: freshness.market.source,
  fng: freshness.fng.source,
  rsi: freshness.rsi_14.source,
  rsiTaapi: freshness.rsi_14_taapi.source,
  coins: Object.fromEntries(Object.entries(coins).map(([symbol, coin]) => [symbol, coin.source])),
});

const marketFigure = (document: DashboardDocument, judgement: Judgement) => ({
  // MARKET_KEYS are the keys of MarketFigures, every one.
  value: Object.fromEntries(MARKET_KEYS.map((key) => [key, document[key]])) as MarketFigures,
  ...standing(document.freshness.market, judgement),
});

const fngFigure = (document: DashboardDocument, judgement: Judgement): Figure<FngFigures> => ({
  value: {
    value: document.fng_value,
    label: document.fng_label,
    nextUpdateAtMs: parseTime(document.fng_next_update_at),
    ...document.fng_history,
  },
  ...standing(document.freshness.fng, judgement),
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
  const coins = new Map<string, ReadonlySignal<CoinFigure>>();
  const coin = (symbol: string) => {
    const held = coins.get(symbol) ?? group((d, j) => coinFigure(d, symbol, j));
    coins.set(symbol, held);
    return held;
  };
  return {
    coin,
    btc: coin(BASE_COIN),
    market: group(marketFigure),
    spread: settled(() => shown.value.btc_spread),
    fng: group(fngFigure),
    rsi: group((d, j) => ({ value: d.rsi_14, ...standing(d.freshness.rsi_14, j) })),
    rsiTaapi: group((d, j) => ({
      value: d.rsi_14_taapi,
      ...standing(d.freshness.rsi_14_taapi, j),
    })),
    symbols: settled(() => Object.keys(shown.value.coins)),
    pricedCoins: settled(
      () => Object.values(shown.value.coins).filter((one) => one.price_usd !== null).length,
    ),
    origins: settled(() => originsOf(shown.value)),
    sources: settled(() =>
      SOURCE_IDS.flatMap((id) => {
        const entry = shown.value.sources[id];
        return entry ? [{ id, entry }] : [];
      }),
    ),
  };
}
