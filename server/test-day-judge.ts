/** For tests: judges what a visitor is shown, knowing what the upstreams gave and when. */

import {
  type DashboardDocument,
  EXCHANGES,
  type FreshnessEntry,
  isAccepted,
  judgedFigures,
  MARKET_KEYS,
  MARKET_KINDS,
  type SourceId,
  toWire,
} from '../contract/index.ts';
import type { ManualClock } from '../contract/manual-clock.ts';
import type { InProcessSimulator } from '../simulator/in-process.ts';
import { MARKET_ROUTES, PRICES_ROUTE } from './test-day-kinds.ts';
import { createLiveness } from './test-day-liveness.ts';
import type { Troubles } from './test-day-troubles.ts';
import type { ShiftedClock, WorldBook } from './test-day-world.ts';

/** What a judge knows. */
export interface JudgeDeps {
  /** The true time. */
  readonly clock: ManualClock;
  readonly serverClock: ShiftedClock;
  readonly simulator: InProcessSimulator;
  readonly troubles: Troubles;
  readonly world: WorldBook;
  readonly coins: readonly string[];
}

/** See the module's first line. */
export interface Judge {
  /** Once a second: judges what is live. */
  second(shown: DashboardDocument | null): void;
  /** A new version is shown. */
  version(document: DashboardDocument): void;
  /** What was wrong, the first of it. */
  faults(): readonly string[];
  counts(): { readonly checks: number; readonly liveCoins: number; readonly coins: number };
}

/** Prices that are remembered, s: the last minute, and as much as a frame of the day comes late. */
const REMEMBERED_S = 128;
/** RSI values that are remembered, s: one of candles alone is shown for a quarter of an hour. */
const REMEMBERED_RSI_S = 1024;
const MAX_FAULTS = 20;
/** From a version to the visitor, in simulated time: two steps of the day. */
const ON_ITS_WAY_MS = 2000;

export function createJudge(deps: JudgeDeps): Judge {
  const { clock, serverClock, coins } = deps;
  const startMs = clock.now();
  const faults: string[] = [];
  const counts = { checks: 0, liveCoins: 0, coins: 0 };
  const truth = createTruth(deps);
  const livenessFaults = createLiveness(deps);
  let last: DashboardDocument | null = null;
  /** When each figure's `as_of` was first shown, in true time. */
  const notedMs = new Map<string, number>();

  const blame = (what: string) => {
    if (faults.length < MAX_FAULTS) faults.push(`${new Date(clock.now()).toISOString()} ${what}`);
  };
  const checkTimes = (document: DashboardDocument) => {
    // Versions that were on their way when the clock was set have the times of before.
    if (clock.now() - serverClock.shiftedAtMs() < ON_ITS_WAY_MS) return;
    const before = new Map(last === null ? [] : judgedFigures(last));
    for (const [name, figure] of judgedFigures(document)) {
      const was = before.get(name);
      if (figure.as_of === null || (was?.as_of === figure.as_of && was.source === figure.source)) {
        continue;
      }
      if (Date.parse(figure.as_of) > serverClock.now()) blame(`${name} is of ${figure.as_of}`);
      if (wentBack(deps, figure, was, notedMs.get(name) ?? startMs)) {
        blame(`${name} went back from ${was?.as_of} to ${figure.as_of} (${figure.source})`);
      }
      notedMs.set(name, clock.now());
    }
  };
  return {
    second(shown) {
      if (shown === null) return;
      counts.checks += 1;
      for (const symbol of coins) {
        counts.coins += 1;
        if (shown.coins[symbol]?.state === 'live') counts.liveCoins += 1;
      }
      for (const fault of livenessFaults(shown)) blame(fault);
    },
    version(document) {
      counts.checks += 1;
      for (const fault of outOfRange(document)) blame(fault);
      for (const fault of truth.untruths(document, last)) blame(fault);
      checkTimes(document);
      last = document;
    },
    faults: () => faults,
    counts: () => ({ ...counts }),
  };
}

/** Within a source time goes on, but on a new connection, or with another clock. */
function wentBack(
  { world, serverClock }: JudgeDeps,
  figure: FreshnessEntry,
  was: FreshnessEntry | undefined,
  notedMs: number,
): boolean {
  if (was?.as_of == null || figure.as_of === null || was.source !== figure.source) return false;
  if (figure.as_of >= was.as_of || serverClock.offsetMs() !== 0) return false;
  if (serverClock.shiftedAtMs() >= notedMs - ON_ITS_WAY_MS) return false;
  const exchange = EXCHANGES.find((id) => id === figure.source);
  return (
    exchange === undefined || world.streamOf(exchange).lastOpenedMs() < notedMs - ON_ITS_WAY_MS
  );
}

/** Figures that are no figures. */
export function outOfRange(document: DashboardDocument): string[] {
  const figures: [string, Parameters<typeof isAccepted>[0], number | null][] = [
    ...MARKET_KEYS.map((key) => [key, MARKET_KINDS[key], document[key]] as const),
    ['btc_price_usd', 'price', document.btc_price_usd] as const,
    ['btc_change_24h', 'percent', document.btc_change_24h] as const,
    ['fng_value', 'fng', document.fng_value] as const,
    ['rsi_14', 'rsi', document.rsi_14] as const,
    ['rsi_14_taapi', 'rsi', document.rsi_14_taapi] as const,
    ...Object.entries(document.coins).flatMap(([symbol, coin]) => [
      [`${symbol} price`, 'price', coin.price_usd] as const,
      [`${symbol} change`, 'percent', coin.change_24h] as const,
      [`${symbol} high`, 'price', coin.high_24h] as const,
      [`${symbol} low`, 'price', coin.low_24h] as const,
      [`${symbol} volume`, 'amount', coin.volume_24h_usd] as const,
    ]),
  ].map(([name, kind, value]) => [name, kind, value]);
  return figures.flatMap(([name, kind, value]) =>
    value === null || isAccepted(kind, value) ? [] : [`${name} is ${value}`],
  );
}

/** What the upstreams have given lately. */
function createTruth({ clock, serverClock, simulator, world, coins }: JudgeDeps) {
  const { market } = simulator;
  const rings = new Map<string, Float64Array>(
    EXCHANGES.flatMap((id) =>
      coins.map((symbol) => [`${id} ${symbol}`, new Float64Array(REMEMBERED_S)] as const),
    ),
  );
  const rsi = createRsiMemory(clock, serverClock);
  let second = 0;

  const hasGiven = (source: SourceId, symbol: string, price: number): boolean =>
    rings.get(`${source} ${symbol}`)?.includes(price) ??
    world.pollOf(source).gave(PRICES_ROUTE, price);
  const note = () => {
    const at = second % REMEMBERED_S;
    second += 1;
    for (const id of EXCHANGES) {
      for (const symbol of coins) {
        const ring = rings.get(`${id} ${symbol}`);
        if (ring) ring[at] = market.exchangeCoin(id, symbol)?.price ?? 0;
      }
    }
    rsi.note(market.figures().rsi_14);
  };
  // On the clock itself: a version of this very moment reaches the visitor after it.
  const noteEverySecond = () => {
    note();
    clock.after(1000, noteEverySecond);
  };
  noteEverySecond();
  const fngs = () =>
    market
      .fng()
      .slice(-2)
      .map(({ value }) => value);
  return {
    /** Figures that have changed to what nobody gave. */
    untruths(now: DashboardDocument, before: DashboardDocument | null): string[] {
      const found: string[] = [];
      for (const [symbol, { price_usd, source }] of Object.entries(now.coins)) {
        const was = before?.coins[symbol];
        if (price_usd === null || source === null) continue;
        if (was?.price_usd === price_usd && was.source === source) continue;
        if (!hasGiven(source, symbol, price_usd)) found.push(`${symbol} ${price_usd} of ${source}`);
      }
      const { market: shown, rsi_14_taapi: taapi } = now.freshness;
      if (now.market_cap !== null && now.market_cap !== before?.market_cap && shown.source) {
        const book = world.pollOf(shown.source);
        const route = MARKET_ROUTES[shown.source] ?? '';
        for (const value of [now.market_cap, now.volume_24h ?? 0]) {
          if (!book.gave(route, value)) found.push(`${value} of ${shown.source}`);
        }
      }
      const { fng_value, rsi_14, rsi_14_taapi } = now;
      if (fng_value !== null && fng_value !== before?.fng_value && !fngs().includes(fng_value)) {
        found.push(`Fear & Greed ${fng_value}`);
      }
      if (
        rsi_14 !== null &&
        rsi_14 !== before?.rsi_14 &&
        !rsi.had(rsi_14, now.freshness.rsi_14.as_of)
      ) {
        found.push(`RSI ${rsi_14} of ${now.freshness.rsi_14.source}`);
      }
      if (rsi_14_taapi !== null && rsi_14_taapi !== before?.rsi_14_taapi && taapi.source) {
        const isGiven = world.pollOf('taapi').gave('/rsi', rsi_14_taapi, 0.005 + 1e-9);
        if (!isGiven || toWire(rsi_14_taapi) !== rsi_14_taapi) found.push(`TAAPI ${rsi_14_taapi}`);
      }
      return found;
    },
  };
}

/** The market's RSI of the last quarter of an hour. */
function createRsiMemory(clock: ManualClock, serverClock: ShiftedClock) {
  /** Oldest first, one a second. */
  const values: number[] = [];
  return {
    note(value: number) {
      values.push(value);
      if (values.length > REMEMBERED_RSI_S) values.shift();
    },
    /** Whether it was so in a stream's last minutes, or in the minute that it says. */
    had(value: number, asOf: string | null): boolean {
      const saidAgoS = (clock.now() - Date.parse(asOf ?? '')) / 1000;
      const known = values.filter((_, index) => {
        const agoS = values.length - index;
        const isSaid = serverClock.offsetMs() !== 0 || Math.abs(agoS - saidAgoS) < 60;
        return agoS < REMEMBERED_S || isSaid;
      });
      // Histories of different lengths, and prices to a tick: no more than the wire's last decimal or two.
      return value >= Math.min(...known) - 0.1 && value <= Math.max(...known) + 0.1;
    },
  };
}
