/** For tests: judges whether what is shown as live is live, and whether what could be live is. */

import {
  BASE_COIN,
  type DashboardDocument,
  EXCHANGES,
  type FreshnessEntry,
  type SourceId,
} from '../contract/index.ts';
import { PRICE_SOURCES } from './feed/choice.ts';
import type { JudgeDeps } from './test-day-judge.ts';
import { MARKET_ROUTES, type PolledSource, PRICES_ROUTE, ROUTES_OF } from './test-day-kinds.ts';

/** A figure is live within this of its source being well. */
const LIVE_WITHIN_MS = 15_000;
/** Nothing is live for longer after its stream has fallen silent: the watchdog's 20 s, and a step to show it. */
const SILENT_MS = 22_000;
/** What a step of the day, and another to show it, may add to any age. */
const STEPS_MS = 2000;
/** With its clock further ahead than this a server takes streamed prices for old. */
const TOLERATED_AHEAD_MS = 30_000;
/** After its clock was set, polled figures have the times of the new one a round and a breaker's pause later. */
const POLLED_ANEW_MS = 660_000;
/** An RSI of candles alone: three rounds. */
const CANDLES_STALE_MS = 900_000;

const isExchange = (source: SourceId | null) => EXCHANGES.some((id) => id === source);
const PRICE_ORDER: readonly (SourceId | null)[] = PRICE_SOURCES;
const placeOf = (source: SourceId | null) => PRICE_ORDER.indexOf(source);

/** @returns what is wrong with the freshness of a document that is shown now */
export function createLiveness(deps: JudgeDeps): (shown: DashboardDocument) => string[] {
  const { clock, serverClock, coins } = deps;
  const startMs = clock.now();
  const rsiFault = createPatience(() => clock.now());
  return (shown) => {
    const nowMs = clock.now();
    if (nowMs < startMs + LIVE_WITHIN_MS) return [];
    const sinceShiftMs = nowMs - serverClock.shiftedAtMs();
    const isAhead = serverClock.offsetMs() > TOLERATED_AHEAD_MS;
    const isStreamSure = !isAhead && sinceShiftMs > LIVE_WITHIN_MS;
    const good = (symbol: string) => (isStreamSure ? streaming(deps, symbol) : []);
    const arePolledSure = !isAhead && sinceShiftMs > POLLED_ANEW_MS;
    const rsi = rsiFault(rsiOf(deps, shown, good(BASE_COIN)));
    return [
      ...coins.flatMap((symbol) => coinFaults(deps, shown, symbol, good(symbol))),
      ...(rsi === null ? [] : [rsi]),
      ...oldFaults(deps, shown),
      ...(arePolledSure ? polledFaults(deps, shown) : []),
    ];
  };
}

/** The exchanges that have streamed good prices of a coin for long enough, best first. */
const streaming = ({ world, clock }: JudgeDeps, symbol: string) =>
  EXCHANGES.filter((id) => clock.now() - world.streamOf(id).goodSinceMs(symbol) > LIVE_WITHIN_MS);

function coinFaults(
  deps: JudgeDeps,
  shown: DashboardDocument,
  symbol: string,
  [best]: readonly SourceId[],
): string[] {
  const coin = shown.coins[symbol];
  if (coin === undefined) return [`there is no ${symbol}`];
  const { state, source } = coin;
  const found: string[] = [];
  if (best !== undefined && (state !== 'live' || placeOf(source) > placeOf(best))) {
    found.push(`${symbol} is ${state} of ${source} while ${best} streams`);
  }
  if (state === 'live' && ageMs(deps, coin, PRICES_ROUTE) > allowedMs(deps, coin)) {
    found.push(`${symbol} is live of ${source}, which gives none`);
  }
  if ((coin.price_usd === null) !== (state === 'unavailable')) found.push(`${symbol} is ${state}`);
  return found;
}

/** What is wrong with the RSI at this moment: candles of another exchange take a moment to be asked for. */
function rsiOf(
  { troubles, clock }: JudgeDeps,
  { freshness: { rsi_14 } }: DashboardDocument,
  good: readonly (typeof EXCHANGES)[number][],
): string | null {
  const able = good.find((id) => clock.now() > troubles.settledMs(id));
  if (able === undefined || rsi_14.state === 'live') return null;
  return `the RSI is ${rsi_14.state} of ${rsi_14.source} while ${able} streams and has candles`;
}

/** Figures that are shown as live and that nobody has given for too long. */
function oldFaults(deps: JudgeDeps, { freshness }: DashboardDocument): string[] {
  const { market, fng, rsi_14, rsi_14_taapi } = freshness;
  const figures: readonly [string, FreshnessEntry, string][] = [
    ['the market', market, MARKET_ROUTES[market.source ?? 'taapi'] ?? ''],
    ['Fear & Greed', fng, ROUTES_OF.alternative_me[0]],
    ['the RSI of TAAPI', rsi_14_taapi, ROUTES_OF.taapi[0]],
  ];
  const old = figures.filter(([, figure, route]) => {
    return figure.state === 'live' && ageMs(deps, figure, route) > allowedMs(deps, figure);
  });
  const found = old.map(([name, { source }]) => `${name} is live of ${source}, which gives none`);
  return isRsiOld(deps, rsi_14) ? [...found, `the RSI is live of ${rsi_14.source}`] : found;
}

function isRsiOld({ world, clock }: JudgeDeps, { source, state }: FreshnessEntry): boolean {
  const exchange = EXCHANGES.find((id) => id === source);
  if (state !== 'live' || exchange === undefined) return false;
  const priceMs = clock.now() - world.streamOf(exchange).lastFrameMs();
  const candlesMs = clock.now() - world.pollOf(exchange).goodMs(ROUTES_OF[exchange][0]);
  return priceMs > SILENT_MS && candlesMs > CANDLES_STALE_MS + STEPS_MS;
}

/** Polled figures that are not live though a source of theirs has been well for long enough to have been asked. */
function polledFaults({ troubles, clock }: JudgeDeps, { freshness }: DashboardDocument): string[] {
  const sources: readonly ['market' | 'fng' | 'rsi_14_taapi', readonly PolledSource[]][] = [
    ['market', ['coingecko', 'coinpaprika', 'coinlore']],
    ['fng', ['alternative_me']],
    ['rsi_14_taapi', ['taapi']],
  ];
  return sources.flatMap(([name, ids]) => {
    const able = ids.find((id) => clock.now() > troubles.settledMs(id) + LIVE_WITHIN_MS);
    const { state, source } = freshness[name];
    const isWrong = able !== undefined && state !== 'live';
    return isWrong ? [`${name} is ${state} of ${source} while ${able} is well`] : [];
  });
}

/** How long ago the source gave what is shown. */
function ageMs({ world, clock }: JudgeDeps, { source }: FreshnessEntry, route: string): number {
  if (source === null) return Number.POSITIVE_INFINITY;
  const exchange = EXCHANGES.find((id) => id === source);
  const givenMs =
    exchange === undefined
      ? world.pollOf(source).goodMs(route)
      : world.streamOf(exchange).lastFrameMs();
  return clock.now() - givenMs;
}

/** By a clock that is behind, everything is so much younger. */
const allowedMs = ({ serverClock }: JudgeDeps, { source, stale_after_s }: FreshnessEntry) =>
  isExchange(source)
    ? SILENT_MS
    : 1000 * stale_after_s + STEPS_MS + Math.max(0, -serverClock.offsetMs());

/** Says what is wrong only once it has been for longer than a figure may take to be live. */
function createPatience(now: () => number) {
  let sinceMs: number | null = null;
  return (fault: string | null): string | null => {
    if (fault === null) sinceMs = null;
    else sinceMs ??= now();
    return sinceMs !== null && now() - sinceMs > LIVE_WITHIN_MS ? fault : null;
  };
}
