import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  EXCHANGES,
  HISTORY_FORMATS,
  HISTORY_RANGES,
  HISTORY_SERIES,
  type HistoryRange,
  type HistorySeries,
  isHistoryRange,
  MAX_HISTORY_ROWS,
  type Patch,
  type SourceId,
  toWireTime,
} from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createTestBroker } from '../broker/test-broker.ts';
import type { CandleRow } from '../store/history-rows.ts';
import { startCompaction } from './compaction.ts';
import { createHistory } from './renditions.ts';
import { createSampler } from './sampler.ts';
import { directRows, type RawSample } from './test-direct.ts';
import { BINANCE, COINBASE, candle, KRAKEN, openKeptRows } from './test-kept-rows.ts';

const HOUR = 3600;
const DAY = 86_400;
const HOURS = 365 * 24;
const COINS = ['BTC', 'ETH', 'SOL'];
/** 14:37:20 of a day. */
const END = Date.UTC(2026, 5, 6, 14, 37, 20) / 1000;
const START = END - HOURS * HOUR;

const SERIES: readonly HistorySeries[] = [...HISTORY_SERIES, 'coin:ETH', 'coin:SOL'];
const CASES = SERIES.flatMap((series) =>
  Object.keys(HISTORY_RANGES)
    .filter(isHistoryRange)
    .map((range) => [series, range] as const),
);

/** The same numbers in every run, 0 … 1. */
function createDice() {
  let state = 42;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** An exchange's candles of one length that follow on each other, with holes; what is still open at the end is open. */
function walk(
  source: SourceId,
  intervalS: number,
  fromS: number,
  isMissing: (time: number) => boolean,
): CandleRow[] {
  const dice = createDice();
  const rows: CandleRow[] = [];
  let close = 50_000 + source.length * 10;
  for (let time = Math.ceil(fromS / intervalS) * intervalS; time <= END; time += intervalS) {
    const open = close;
    close = Math.round(open * (0.98 + 0.04 * dice()) * 100) / 100;
    const high = Math.max(open, close) + Math.round(dice() * 100);
    const low = Math.min(open, close) - Math.round(dice() * 100);
    const volume = Math.round(dice() * 1000);
    const asOfS = Math.min(END - 20, time + intervalS);
    if (isMissing(time)) continue;
    rows.push(candle(intervalS, time, close, { source, open, high, low, volume, asOfS }));
  }
  return rows;
}

function candlesOfTheYear(): CandleRow[] {
  const dice = createDice();
  const today = END - (END % DAY);
  const daysAgo = (time: number) => (today - time) / DAY;
  const some = (share: number) => () => dice() < share;
  return EXCHANGES.flatMap((source) => [
    // One hole for ever; one day and all since yesterday were not asked for: their hours are there.
    ...walk(source, DAY, START - 300 * DAY, (time) =>
      source === BINANCE
        ? [3, 1, 0].includes(daysAgo(time)) || daysAgo(time) === 150
        : source === KRAKEN && daysAgo(time) > 120,
    ),
    ...walk(source, HOUR, END - 89 * DAY, (time) =>
      source === BINANCE
        ? daysAgo(time) > 5 && dice() < 0.1
        : source === COINBASE
          ? dice() < 0.2 || time > END - 5 * HOUR
          : dice() < 0.5,
    ),
    ...walk(source, 300, END - 7 * DAY, some(source === BINANCE ? 0.05 : 0.02)),
    ...walk(source, 60, END - 47 * HOUR, some(0.01)),
  ]);
}

describe('a year of hourly points', () => {
  const kept = openKeptRows();
  const clock = createManualClock(START * 1000);
  const broker = createTestBroker(clock);
  const sampler = createSampler({ clock, broker, rows: kept });
  const history = createHistory({
    ...{ clock, broker, sampler, rows: kept, coins: COINS },
    isFilling: () => false,
  });
  const samples: RawSample[] = [];
  const candles = candlesOfTheYear();
  const dice = createDice();

  /** What is read in an hour, as the document says it; it is noted down. */
  const reading = (nowS: number): Patch => {
    const read = (series: string, value: number, source: SourceId, ageS: number) => {
      samples.push({ series, value, source, asOfS: nowS - ageS });
      return { source, as_of: toWireTime((nowS - ageS) * 1000), state: 'live' };
    };
    const coins = COINS.filter(() => dice() < 0.9).map((symbol) => {
      const price = Math.round(1000 + dice() * 100_000) / 100;
      const ageS = Math.floor(dice() * 60);
      const entry = read(`coin:${symbol}`, price, dice() < 0.8 ? BINANCE : 'coingecko', ageS);
      return [symbol, { name: symbol, price_usd: price, stale_after_s: 60, ...entry }] as const;
    });
    const patch: Patch = { coins: Object.fromEntries(coins) };
    if (dice() < 0.2) return patch;
    const figures = {
      market_cap: 2e12 + dice() * 1e12,
      volume_24h: 9e10 + dice() * 1e10,
      btc_dominance: Math.round(dice() * 10_000) / 100,
    };
    const ageS = Math.floor(dice() * 1500);
    let market: Patch = {};
    for (const [series, value] of Object.entries(figures)) {
      market = { ...read(series, value, 'coingecko', ageS), stale_after_s: 1800 };
    }
    if (nowS % DAY >= HOUR || dice() < 0.05) return { ...patch, ...figures, freshness: { market } };
    const value = Math.floor(dice() * 101);
    const fng = { ...read('fng', value, 'alternative_me', nowS % DAY), stale_after_s: 30 * HOUR };
    return { ...patch, ...figures, fng_value: value, freshness: { market, fng } };
  };

  beforeAll(() => {
    for (let hour = 0; hour < HOURS; hour++) {
      broker.change(reading(clock.now() / 1000));
      clock.advance((hour % 3 === 0 ? 20 : 60) * 60_000);
      if (hour % 3 !== 0) continue;
      // A second look in the same hour or the next.
      broker.change(reading(clock.now() / 1000));
      clock.advance(40 * 60_000);
    }
    kept.keepCandles(candles);
    broker.change({
      rsi_14: 33.45,
      freshness: {
        rsi_14: {
          ...{ source: COINBASE, as_of: toWireTime((END - 5 * HOUR) * 1000) },
          ...{ state: 'stale', stale_after_s: 60 },
        },
      },
    });
  });
  afterAll(() => {
    sampler.close();
    kept.close();
  });

  const expected = (series: HistorySeries, range: HistoryRange) => {
    const { document } = broker.held();
    return directRows({ samples, candles, document, coins: COINS, nowS: END }, series, range);
  };
  const answered = (series: HistorySeries, range: HistoryRange) =>
    JSON.parse(history.render({ series, range, format: 'json' }).body).rows;

  test('is as long as it says', () => {
    expect(clock.now()).toBe(END * 1000);
    expect(samples.filter(({ series }) => series === 'coin:BTC').length).toBeGreaterThan(HOURS);
    expect(samples.filter(({ series }) => series === 'fng').length).toBeGreaterThan(250);
  });

  test.each(CASES)('answers %s over %s as a direct computation does', (series, range) => {
    const rows = expected(series, range);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThanOrEqual(MAX_HISTORY_ROWS);
    expect(answered(series, range)).toEqual(rows);
  });

  test('has holes where nothing was read, in every kind of series', () => {
    const buckets = HISTORY_RANGES['7d'].durationS / HISTORY_RANGES['7d'].intervalS;
    for (const series of ['btc_price', 'market_cap', 'rsi_14'] as const) {
      expect(answered(series, '7d').length).toBeLessThan(buckets);
    }
    expect(answered('fng', '1y').length).toBeLessThan(365);
    expect(answered('btc_candles', '24h').length).toBe(288);
  });

  test('prints how long an answer takes', () => {
    clock.advance(60_000);
    const took = CASES.flatMap(([series, range]) =>
      HISTORY_FORMATS.map((format) => {
        const before = performance.now();
        history.render({ series, range, format });
        return [performance.now() - before, `${series} ${range} ${format}`] as const;
      }),
    ).toSorted(([a], [b]) => b - a);
    const slowest = took.slice(0, 4).map(([ms, name]) => `${name} ${ms.toFixed(1)} ms`);
    process.stdout.write(`slowest answers of a year: ${slowest.join(', ')} (target < 10 ms)\n`);
    expect(took).toHaveLength(CASES.length * HISTORY_FORMATS.length);
    clock.setWall(END * 1000);
  });

  test('answers the same after what is over was deleted', () => {
    const before = CASES.map(([series, range]) => answered(series, range));
    const rowsBefore = kept.samples({ series: 'coin:BTC', intervalS: 60, fromS: 0, toS: END });
    const compaction = startCompaction({ clock, rows: kept });
    // Only the timers move: it takes some hundred pieces.
    for (let turn = 0; turn < 60; turn++) {
      clock.advance(1000);
      clock.setWall(END * 1000);
    }
    compaction.close();
    const rowsAfter = kept.samples({ series: 'coin:BTC', intervalS: 60, fromS: 0, toS: END });
    expect(rowsBefore.length).toBeGreaterThan(HOURS);
    expect(rowsAfter.length).toBeLessThan(100);
    clock.advance(60_000);
    clock.setWall(END * 1000);
    expect(CASES.map(([series, range]) => answered(series, range))).toEqual(before);
  });
});
