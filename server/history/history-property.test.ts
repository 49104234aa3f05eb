import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { EXCHANGES, HISTORY_RANGES, HISTORY_SERIES, isHistoryRange } from '../../contract/index.ts';
import { NOTHING_READ } from '../broker/test-broker.ts';
import type { CandleRow } from '../store/history-rows.ts';
import { answerTo } from './answers.ts';
import { directRows, type RawSample } from './test-direct.ts';
import { openKeptRows } from './test-kept-rows.ts';
import { DAY_S, rowsInTiers, TIERS } from './tiers.ts';

/** A run takes about 50 ms. */
const RUNS = 25;

type Exchange = (typeof EXCHANGES)[number];

/** An exchange's prices lie within a range of its own: what is made of two of them is seen. */
const floorOf = (source: Exchange): number => 1000 * (1 + EXCHANGES.indexOf(source));

const NOON = 20_000 * DAY_S + DAY_S / 2;
const nowS = fc.integer({ min: NOON - DAY_S, max: NOON + DAY_S });

/** Mostly of the last hours, where the tiers meet; some of a time to come. */
const agoS = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 8 * 3600 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 * DAY_S }) },
  { weight: 1, arbitrary: fc.integer({ min: -40 * DAY_S, max: -3 * DAY_S }) },
);

/** Candles of one length that follow on each other; the newest may be open. Enough days for an RSI. */
const candleRun = fc.record({
  source: fc.constantFrom(...EXCHANGES),
  intervalS: fc.constantFrom(...TIERS.map((tier) => tier.intervalS)),
  agoS,
  count: fc.integer({ min: 1, max: 150 }),
  seed: fc.integer({ min: 1, max: 1000 }),
  openForS: fc.option(fc.integer({ min: 0, max: 59 }), { nil: null }),
});

type CandleRun = typeof candleRun extends fc.Arbitrary<infer Run> ? Run : never;

function rowsOf(run: CandleRun, now: number): CandleRow[] {
  const { source, intervalS, count, seed, openForS } = run;
  const last = Math.floor((now - run.agoS) / intervalS) * intervalS;
  return Array.from({ length: count }, (_, ago) => {
    const time = last - ago * intervalS;
    const prices = [1, 2, 3, 4].map((n) => floorOf(source) + ((seed * n + ago * 7919 * n) % 1000));
    const [open = 0, close = 0] = prices;
    const end = time + intervalS;
    // A receipt is never of a time to come, but by a clock that was ahead.
    const known = time > now ? end : Math.min(end, now);
    return {
      ...{ source, intervalS, time, open, close },
      ...{ high: Math.max(...prices), low: Math.min(...prices), volume: ago % 7 },
      asOfS: ago === 0 && openForS !== null ? Math.min(known, time + openForS) : known,
    };
  });
}

const rawSample = fc.record({
  series: fc.constantFrom('coin:BTC', 'coin:ETH', 'market_cap', 'fng'),
  value: fc.integer({ min: 1, max: 100 }),
  agoS,
});

const world = fc.record({
  nowS,
  runs: fc.array(candleRun, { minLength: 1, maxLength: 12 }),
  samples: fc.array(rawSample, { maxLength: 60 }),
});

/** What compaction deletes. */
const isOver = ({ intervalS, time }: CandleRow, now: number): boolean =>
  time < now - (TIERS.find((tier) => tier.intervalS === intervalS)?.keepS ?? now);

/** One candle for each place, as the store keeps one: the first of a world. */
function firstOfEach<T>(all: readonly T[], placeOf: (one: T) => string): T[] {
  const places = new Set<string>();
  return all.filter((one) => {
    const isNew = !places.has(placeOf(one));
    places.add(placeOf(one));
    return isNew;
  });
}

const CASES = HISTORY_SERIES.flatMap((series) =>
  Object.keys(HISTORY_RANGES)
    .filter(isHistoryRange)
    .map((range) => ({ series, range })),
);

function inWorld(
  { nowS: now, runs, samples }: typeof world extends fc.Arbitrary<infer World> ? World : never,
  check: (
    everything: Parameters<typeof directRows>[0],
    rows: ReturnType<typeof openKeptRows>,
  ) => void,
): void {
  const kept = openKeptRows();
  try {
    const candles = firstOfEach(
      runs.flatMap((run) => rowsOf(run, now)).filter((row) => !isOver(row, now)),
      (row) => `${row.source} ${row.intervalS} ${row.time}`,
    );
    kept.keepCandles(candles);
    const raw = firstOfEach(
      samples.map(({ series, value, agoS: ago }): RawSample => {
        const asOfS = now - ago;
        const stamp = series === 'fng' ? asOfS - (asOfS % DAY_S) : asOfS;
        return { series, value, source: 'binance', asOfS: stamp };
      }),
      (one) => `${one.series} ${one.asOfS}`,
    );
    for (const one of raw) {
      const finestS = one.series === 'fng' ? DAY_S : 60;
      const keeps = one.series.startsWith('coin:') ? 'last' : 'first';
      kept.keepSamples(rowsInTiers(one, one.asOfS, finestS), keeps);
    }
    const { rsi_14, freshness } = NOTHING_READ;
    const coins = ['BTC', 'ETH'];
    check(
      { samples: raw, candles, document: { rsi_14, freshness, sources: {} }, coins, nowS: now },
      kept,
    );
  } finally {
    kept.close();
  }
}

describe('whatever is kept', () => {
  test('answers ascend, on their intervals, within their range, and none is of the future', () => {
    fc.assert(
      fc.property(world, (some) =>
        inWorld(some, ({ document, coins, nowS: now }, rows) => {
          for (const { series, range } of CASES) {
            const answer = answerTo({ series, range }, { rows, document, coins, nowS: now });
            const { intervalS, durationS } = HISTORY_RANGES[range];
            const times = answer.rows.map(([time]) => time);
            expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
            expect(times.every((time) => time % intervalS === 0)).toBe(true);
            const oldest = now - (now % intervalS) + intervalS - durationS;
            expect(times.every((time) => time >= oldest && time <= now)).toBe(true);
            expect(answer.as_of === null).toBe(times.length === 0);
            expect(Date.parse(answer.as_of ?? '') > (now + 60) * 1000).toBe(false);
            expect(answer.source === null || answer.sources.includes(answer.source)).toBe(true);
          }
        }),
      ),
      { numRuns: RUNS },
    );
  });

  test('a candle is of one exchange, and its prices lie between its extremes', () => {
    fc.assert(
      fc.property(world, (some) =>
        inWorld(some, ({ document, coins, nowS: now }, rows) => {
          for (const { series, range } of CASES.filter(({ series }) => series === 'btc_candles')) {
            const answer = answerTo({ series, range }, { rows, document, coins, nowS: now });
            for (const [, open, high, low, close, volume] of answer.rows) {
              const prices = [open, high, low, close].map((price) => price ?? Number.NaN);
              expect(new Set(prices.map((price) => Math.floor(price / 1000))).size).toBe(1);
              expect(Math.max(...prices)).toBe(high ?? Number.NaN);
              expect(Math.min(...prices)).toBe(low ?? Number.NaN);
              expect(volume).toBeGreaterThanOrEqual(0);
            }
            const newest = answer.rows.at(-1)?.[1] ?? null;
            const its = EXCHANGES[Math.floor((newest ?? 0) / 1000) - 1] ?? null;
            expect(answer.source).toBe(its);
          }
        }),
      ),
      { numRuns: RUNS },
    );
  });

  test('answers are those of a direct computation', () => {
    fc.assert(
      fc.property(world, (some) =>
        inWorld(some, (everything, rows) => {
          for (const { series, range } of CASES) {
            const answer = answerTo({ series, range }, { ...everything, rows });
            const expected = directRows(everything, series, range);
            expect(answer.rows).toEqual(expected);
          }
        }),
      ),
      { numRuns: RUNS },
    );
  });
});
