/** What the sources have said in this term, and which exchanges can be believed. */

import {
  BASE_COIN,
  type Clock,
  type DashboardDocument,
  EXCHANGES,
  MAX_AHEAD_MS,
  type SourceId,
} from '../../contract/index.ts';
import type { Reading } from '../sources/source.ts';
import { livePolledPrice, livePrice } from './exchanges.ts';
import { createLatestReadings, type LatestReadings } from './readings.ts';
import { hasCandles, hasLiveBase } from './rsi-candidates.ts';
import { createRunningCandles, type RunningCandles } from './running-candles.ts';
import { createSetAside, type SetAside } from './set-aside.ts';

/** Which figures are kept, and what was known before. */
export interface KnowledgeOptions {
  /** The newest document known when the term began: who is set aside in it still is. */
  readonly inherited: DashboardDocument;
  readonly coins: readonly string[];
  readonly etfs: readonly string[] | null;
  /** Sources that are not asked at all. */
  readonly off: readonly SourceId[];
}

/** See the module's first line. */
export interface Knowledge {
  readonly latest: LatestReadings;
  readonly running: RunningCandles;
  readonly setAside: SetAside;
  /** Those in use, best first. */
  readonly exchanges: readonly SourceId[];
  /** @returns whether any of them was taken */
  take(readings: readonly Reading[]): boolean;
  /** @returns whether anything is known by this connection */
  lose(connection: string): boolean;
  /** Judges the exchanges by the prices of this moment, and what is known by its clock. */
  judge(): void;
  /** How much had arrived, by `arrival`, when an exchange was set aside; `null` while it is not. */
  asideSince(source: SourceId): number | null;
  /**
   * What is inherited is of no later time than this, or of a clock that was ahead, ms since 1970: the term's earliest moment.
   * It does not move with the clock, or what is of the future would become live when that has come.
   */
  inheritedUntilMs(): number;
  /** As the feed's. */
  unstreamedCoins(): readonly string[];
  /** As the feed's. */
  hasRunningCandles(source: SourceId): boolean;
}

/** Starts without any reading: the figures that were inherited are the document's business. */
export function createKnowledge(clock: Clock, options: KnowledgeOptions): Knowledge {
  const latest = createLatestReadings();
  const running = createRunningCandles();
  const exchanges = EXCHANGES.filter((id) => !options.off.includes(id));
  const setAside = createSetAside(exchanges, exchanges.filter(wasAside(options.inherited)));
  const { isAside } = setAside;
  const asideSince = new Map<SourceId, number>();
  let earliestMs = Number.POSITIVE_INFINITY;

  const judge = () => {
    const nowMs = clock.now();
    earliestMs = Math.min(earliestMs, nowMs);
    latest.loseAhead(nowMs);
    const prices = new Map<SourceId, number>();
    for (const id of exchanges) {
      const price = livePrice(latest, id, BASE_COIN, nowMs);
      if (price !== null) prices.set(id, price.value.price_usd);
    }
    const polled = livePolledPrice(latest, BASE_COIN, nowMs);
    setAside.judge(prices, polled?.value.price_usd ?? null, clock.monotonic());
    for (const id of exchanges) {
      if (!isAside(id)) asideSince.delete(id);
      else if (!asideSince.has(id)) asideSince.set(id, latest.lastArrival());
    }
  };

  return {
    ...{ latest, running, setAside, exchanges, judge },
    asideSince: (source) => asideSince.get(source) ?? null,
    inheritedUntilMs: () => earliestMs + MAX_AHEAD_MS,
    take(readings) {
      let hasTaken = false;
      for (const reading of readings) {
        const held = isShown(reading, options) ? latest.take(reading) : null;
        if (held === null) continue;
        running.take(held);
        hasTaken = true;
      }
      if (hasTaken) judge();
      return hasTaken;
    },
    lose(connection) {
      const hadAny = latest.lose(connection);
      if (hadAny) judge();
      return hadAny;
    },
    unstreamedCoins() {
      const nowMs = clock.now();
      const isStreamed = (symbol: string) =>
        exchanges.some((id) => !isAside(id) && livePrice(latest, id, symbol, nowMs) !== null);
      return options.coins.filter((symbol) => !isStreamed(symbol));
    },
    hasRunningCandles(source) {
      const known = { latest, running, isAside, nowMs: clock.now() };
      return hasLiveBase(known, source) && hasCandles(known, source) && !running.hasGap(source);
    },
  };
}

/** One that had nobody to be compared with has no deviation, one with something worse to say another state. */
const wasAside =
  ({ sources }: DashboardDocument) =>
  (id: SourceId): boolean => {
    const entry = sources[id];
    return entry !== undefined && (entry.state === 'set_aside' || entry.deviation_percent !== null);
  };

/** Nothing is kept of what is not in the document. */
const isShown = (reading: Reading, { coins, etfs }: KnowledgeOptions): boolean =>
  (reading.figure !== 'coin' || coins.includes(reading.symbol)) &&
  (reading.figure !== 'etf' || (etfs?.includes(reading.symbol) ?? false));
