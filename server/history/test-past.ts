/** For tests: a filler over real rows, a clock that the test moves, and an upstream that knows all of the past. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceId } from '../../contract/index.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import type { CandleRow } from '../store/history-rows.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { AFTER_TURN_MS, createFiller, TURN_SPREAD_MS } from './filler.ts';
import type { CandleSpanWanted, PastAnswer, PastCandle, PastDesk, Wanted } from './past.ts';
import { pastRows } from './past-rows.ts';
import { bucketOf, DAY_S } from './tiers.ts';
import { type WatchedRows, watchRows } from './watched-rows.ts';

/** As Binance has them; five minutes come as minutes. */
const PAGE = 1000;
/** From a question to its answer. */
export const LATENCY_MS = 100;

/** The price of a minute: another one each, and the same whenever it is asked for. */
const priceOf = (minute: number): number => 1000 + ((minute * 7919) % 997);

/**
 * What there was between two moments, as far as it is known at a third.
 * @returns `null` when nothing was known of it yet
 */
export function candleOf(time: number, intervalS: number, knownAtS: number): PastCandle | null {
  const endS = Math.min(time + intervalS, bucketOf(knownAtS, 60) + 60);
  // A day's 1 440 minutes are many for 4 000 days: an hour's last minute stands for it.
  const stepS = Math.max(60, Math.floor(intervalS / 60 / 60) * 60);
  const prices: number[] = [];
  for (let s = time; s < endS && s <= knownAtS; s += stepS) prices.push(priceOf(s / 60));
  const [open, close] = [prices[0], prices.at(-1)];
  if (open === undefined || close === undefined) return null;
  return {
    ...{ time, open, close },
    high: Math.max(...prices),
    low: Math.min(...prices),
    volume: prices.length,
  };
}

/** An upstream that answers truly, unless the test says otherwise. */
function createTestUpstream(clock: ManualClock) {
  const startMs = clock.now();
  const nowS = () => Math.floor(clock.now() / 1000);
  /** As the upstream knows it, whatever the wall clock says. */
  const trueS = () => Math.floor((startMs + clock.monotonic()) / 1000);
  const upstream = {
    /** Instead of the truth; `undefined` = the truth. */
    instead: (_wanted: Wanted): PastAnswer | 'unknown' | null | undefined => undefined,
    /** Who answers; `null` = nobody has it. */
    exchangeOf: ({ not }: CandleSpanWanted): SourceId | null =>
      not?.includes('binance') ? null : 'binance',
    /** Times of which there is no candle. */
    isHole: (_time: number, _exchange?: SourceId): boolean => false,
    /** Candles in an answer at most. */
    page: PAGE,
  };
  const days = (): PastAnswer => {
    const all: { time: number; value: number }[] = [];
    for (let time = Date.UTC(2018, 1, 1) / 1000; time <= trueS(); time += DAY_S) {
      if (!upstream.isHole(time)) all.push({ time, value: (time / DAY_S) % 101 });
    }
    return { kind: 'fng', source: 'alternative_me', days: all };
  };
  const page = (wanted: CandleSpanWanted): PastAnswer | 'unknown' => {
    const { symbol, intervalS: wantedS, fromS, toS } = wanted;
    const intervalS = wantedS === 300 ? 60 : wantedS;
    const endS = Math.min(toS, bucketOf(nowS(), intervalS) + intervalS);
    const source = upstream.exchangeOf(wanted);
    if (source === null || wanted.not?.includes(source)) return 'unknown';
    const beginS = Math.max(fromS, endS - upstream.page * intervalS);
    const candles: PastCandle[] = [];
    for (let time = beginS; time < endS; time += intervalS) {
      const candle = upstream.isHole(time, source) ? null : candleOf(time, intervalS, trueS());
      if (candle !== null) candles.push(candle);
    }
    return {
      ...{ kind: 'candles', source, symbol, intervalS },
      ...{ fromS: beginS, toS: endS, candles, receivedAtS: nowS() },
    };
  };
  const truth = (wanted: Wanted) => (wanted.kind === 'candles' ? page(wanted) : days());
  return { upstream, truth };
}

/** A filler over that upstream; `start` begins another term of the same process. */
export function setUpFiller(coins: readonly string[] = ['BTC', 'ETH']) {
  const clock = createManualClock();
  const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-filler-'));
  const errors: object[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => errors.push(fields) };
  const store = openSqliteStore({ clock, log, onInMemory() {} }, { dataDir, simulated: false });
  const rows = watchRows(store);
  const asks: { readonly wanted: Wanted; readonly atMs: number }[] = [];
  const { upstream, truth } = createTestUpstream(clock);
  const desk: PastDesk = {
    async ask(wanted) {
      const isCall = upstream.instead(wanted) !== undefined || truth(wanted) !== 'unknown';
      if (isCall) asks.push({ wanted, atMs: clock.now() });
      await new Promise<void>((resolve) => clock.after(LATENCY_MS, resolve));
      const instead = upstream.instead(wanted);
      return instead === undefined ? truth(wanted) : instead;
    },
  };
  const asked = new Map();
  const start = () => createFiller({ clock, random: () => 0.5, rows, desk, coins, asked, log });
  return {
    ...{ clock, rows, asks, errors, upstream, start, truth },
    ...askedAndKept(clock, rows, asks),
    end() {
      store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What a test looks at. */
function askedAndKept(
  clock: ManualClock,
  rows: WatchedRows,
  asks: readonly { readonly wanted: Wanted }[],
) {
  const nowS = () => Math.floor(clock.now() / 1000);
  const lately = (spanS: number) => ({ fromS: nowS() - spanS, toS: nowS() + 1 });
  return {
    nowS,
    /** Asks so far, by what was wanted. */
    counts() {
      const counts: Record<string, number> = {};
      for (const { wanted } of asks) {
        const name = wanted.kind === 'fng' ? 'fng' : `${wanted.symbol} ${wanted.intervalS}`;
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    },
    /** As if it had been sampled. */
    keep(answer: PastAnswer | 'unknown') {
      if (answer === 'unknown') return;
      const { samples, keeps, candles } = pastRows(answer);
      rows.keepCandles(candles);
      rows.keepSamples(samples, keeps);
    },
    candles: (intervalS: number, spanS: number): readonly CandleRow[] =>
      rows.candles({ intervalS, ...lately(spanS) }),
    times: (series: string, intervalS: number, spanS: number): readonly number[] =>
      rows.samples({ series, intervalS, ...lately(spanS) }).map(({ time }) => time),
  };
}

const TURN_MS = 300_000;

/** How many intervals of a length lie in a span that ends now, the open one included. */
export const intervalsOf = (nowS: number, intervalS: number, spanS: number) =>
  (bucketOf(nowS, intervalS) - bucketOf(nowS - spanS, intervalS)) / intervalS;

/** Moves on to a moment after the next turn of five minutes. */
export const passTurn = async ({ clock }: { readonly clock: ManualClock }) => {
  const toTurnMs = TURN_MS - (clock.now() % TURN_MS);
  await clock.advanceAsync(toTurnMs + AFTER_TURN_MS + TURN_SPREAD_MS + 2000);
};
