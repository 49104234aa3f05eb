/** Folds what is known into the one document. Pure: the same knowledge at the same time gives the same document. */

import {
  BASE_COIN,
  type Coin,
  type DashboardDocument,
  type FreshnessEntry,
  judgedFigures,
  MAX_AHEAD_MS,
  type SourceEntry,
  type SourceId,
  toWireTime,
  unread,
  unreadCoin,
  unreadEtf,
} from '../../contract/index.ts';
import {
  type CoinFigures,
  coinCandidates,
  etfCandidates,
  fngCandidates,
  marketCandidates,
  taapiCandidates,
} from './candidates.ts';
import { type Candidate, type Choice, choose } from './choice.ts';
import { livePrice, staleAtMs } from './exchanges.ts';
import { type RsiKnown, rsiCandidates } from './rsi-candidates.ts';
import { spreadOf } from './spread.ts';

/** What the document is folded from. */
export interface Ingredients extends RsiKnown {
  /** The document as it is now: whose figures are shown. */
  readonly shown: DashboardDocument;
  /** What is said of every source. */
  readonly sources: Readonly<Partial<Record<SourceId, SourceEntry>>>;
  /** Those in use. */
  readonly exchanges: readonly SourceId[];
  readonly coins: readonly string[];
  /** `null` when they are not asked for. */
  readonly etfs: readonly string[] | null;
  readonly simulated: boolean;
}

/** A document, and when it will have to be folded again because a figure turns stale. */
export interface Assembled {
  readonly document: DashboardDocument;
  /** ms since 1970; `null` when nothing is live. */
  readonly nextStaleAtMs: number | null;
}

/** See the module's first line. */
export function assemble(ingredients: Ingredients): Assembled {
  const { shown, sources, staleAfterS, simulated, nowMs } = ingredients;
  const base = basePrices(ingredients);
  const deadlines = [...base.deadlines];
  const pick = <T>(candidates: Candidate<T>[], shownSource: SourceId | null) => {
    const choice = choose(candidates, shownSource, nowMs);
    if (choice?.state === 'live') deadlines.push(choice.staleAtMs);
    return choice;
  };
  const market = pick(marketCandidates(ingredients), shown.freshness.market.source);
  const fng = pick(fngCandidates(ingredients), shown.freshness.fng.source);
  const rsi = pick(rsiCandidates(ingredients), shown.freshness.rsi_14.source);
  const taapi = pick(taapiCandidates(ingredients), shown.freshness.rsi_14_taapi.source);
  const coins = Object.fromEntries(
    ingredients.coins.map((symbol) => {
      const shownSource = shown.coins[symbol]?.source ?? null;
      const choice = pick(coinCandidates(ingredients, symbol), shownSource);
      return [symbol, toCoin(unreadCoin(symbol, staleAfterS.coin), choice)];
    }),
  );
  const etfs = ingredients.etfs?.map((symbol): [string, Coin] => {
    const shownSource = shown.us_etfs?.[symbol]?.source ?? null;
    const choice = pick(etfCandidates(ingredients, symbol), shownSource);
    return [symbol, toCoin(unreadEtf(symbol, staleAfterS.coin), choice)];
  });
  const btc = coins[BASE_COIN];
  const document: DashboardDocument = {
    market_cap: market?.value.market_cap ?? null,
    volume_24h: market?.value.volume_24h ?? null,
    btc_price_usd: btc?.price_usd ?? null,
    btc_change_24h: btc?.change_24h ?? null,
    fng_value: fng?.value.fng_value ?? null,
    rsi_14: rsi?.value ?? null,
    last_updated: null,
    market_cap_change_24h: market?.value.market_cap_change_24h ?? null,
    volume_change_24h: market?.value.volume_change_24h ?? null,
    btc_dominance: market?.value.btc_dominance ?? null,
    eth_dominance: market?.value.eth_dominance ?? null,
    fng_label: fng?.value.fng_label ?? null,
    fng_next_update_at: toTime(fng?.value.nextUpdateAtMs),
    fng_history: fng?.value.fng_history ?? { yesterday: null, last_week: null, last_month: null },
    rsi_14_taapi: taapi?.value ?? null,
    btc_spread: spreadOf(base.prices),
    coins,
    us_etfs: etfs === undefined ? null : Object.fromEntries(etfs),
    freshness: {
      market: toEntry(market, staleAfterS.market),
      fng: toEntry(fng, staleAfterS.fng),
      rsi_14: toEntry(rsi, staleAfterS.rsi_14),
      rsi_14_taapi: toEntry(taapi, staleAfterS.rsi_14_taapi),
    },
    sources,
    simulated,
  };
  return {
    document: { ...document, last_updated: newestAsOf(document, nowMs) },
    nextStaleAtMs: deadlines.length === 0 ? null : Math.min(...deadlines),
  };
}

const toTime = (ms: number | null | undefined): string | null =>
  ms === null || ms === undefined ? null : toWireTime(ms);

const toEntry = (choice: Choice<unknown> | null, staleAfterS: number): FreshnessEntry =>
  choice === null
    ? unread(staleAfterS)
    : {
        source: choice.source,
        as_of: toWireTime(choice.asOfMs),
        state: choice.state,
        stale_after_s: choice.staleAfterS,
      };

const toCoin = (unreadEntry: Coin, choice: Choice<CoinFigures> | null): Coin =>
  choice === null
    ? unreadEntry
    : { ...unreadEntry, ...choice.value, ...toEntry(choice, unreadEntry.stale_after_s) };

/** What the exchanges stream of BTC, and when each price stops being live. */
function basePrices({ exchanges, latest, isAside, nowMs }: Ingredients) {
  const live = exchanges.map((id) => [id, livePrice(latest, id, BASE_COIN, nowMs)] as const);
  return {
    prices: new Map(
      live.map(([id, held]) => [id, held === null || isAside(id) ? null : held.value.price_usd]),
    ),
    deadlines: live.flatMap(([, held]) => (held === null ? [] : [staleAtMs(held)])),
  };
}

/** The newest `as_of` in a document that is not of a clock that was ahead; `null` before the first. */
function newestAsOf(document: DashboardDocument, nowMs: number): string | null {
  // All are written by `toWireTime`, whose text sorts as its time does.
  const limit = toWireTime(nowMs + MAX_AHEAD_MS);
  const times = judgedFigures(document).flatMap(([, { as_of }]) =>
    as_of === null || as_of > limit ? [] : [as_of],
  );
  return times.toSorted().at(-1) ?? null;
}
