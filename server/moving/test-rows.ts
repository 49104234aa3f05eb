/** Rows of every kind, and stores of a test's own to keep them in. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { EXCHANGES, RANGES, SOURCE_IDS } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { ruleOf } from '../history/series.ts';
import { TIERS } from '../history/tiers.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { MovedRow } from './moved-row.ts';

/** The clock of these tests, seconds since 1970. */
export const NOW_S = Date.parse('2026-11-23T07:00:30Z') / 1000;

const EARLIEST_S = Date.parse('2009-01-02T00:00:00Z') / 1000;
const SERIES = [
  'coin:BTC',
  'coin:ETH',
  'coin:1INCH',
  'market_cap',
  'volume_24h',
  'btc_dominance',
  'fng',
];

/** A place in time: of an interval that has begun, with a moment in it that is over. */
const placeArb = (finestS: number) =>
  fc
    .constantFrom(
      ...TIERS.filter(({ intervalS }) => intervalS >= finestS).map((tier) => tier.intervalS),
    )
    .chain((intervalS) =>
      fc
        .integer({
          min: Math.ceil(EARLIEST_S / intervalS),
          max: Math.floor(NOW_S / intervalS),
        })
        .map((index) => index * intervalS)
        .chain((time) =>
          fc.record({
            intervalS: fc.constant(intervalS),
            time: fc.constant(time),
            asOfS: fc.integer({ min: time, max: Math.min(time + intervalS, NOW_S) }),
          }),
        ),
    );

const within = (series: string): fc.Arbitrary<number> => {
  const { min, max, minExcluded, integer } = RANGES[ruleOf(series)?.kind ?? 'price'];
  return integer
    ? fc.integer({ min, max })
    : fc.double({ min, max, minExcluded, noNaN: true }).map((value) => value + 0);
};

/** Samples that the server could have kept. */
export const sampleArb: fc.Arbitrary<MovedRow> = fc.constantFrom(...SERIES).chain((series) =>
  fc
    .record({
      place: placeArb(ruleOf(series)?.finestS ?? 60),
      value: within(series),
      source: fc.constantFrom(...SOURCE_IDS),
    })
    .map(({ place, value, source }) => ({
      name: series,
      kind: 'sample',
      row: { series, value, source, ...place },
    })),
);

/** Candles that the server could have kept. */
export const candleArb: fc.Arbitrary<MovedRow> = fc
  .record({
    place: placeArb(60),
    prices: fc.array(within('coin:BTC'), { minLength: 4, maxLength: 4 }),
    volume: fc.double({ min: 0, max: 1e18, noNaN: true }).map((value) => value + 0),
    source: fc.constantFrom(...EXCHANGES),
  })
  .map(({ place, prices, volume, source }) => {
    const [low = 1, open = 1, close = 1, high = 1] = prices.toSorted((a, b) => a - b);
    return {
      name: 'btc_candles',
      kind: 'candle',
      row: { open, high, low, close, volume, source, ...place },
    };
  });

/** A store of a test's own. */
export interface TestStore extends Disposable {
  readonly dataDir: string;
  readonly store: Store;
  keep(rows: readonly MovedRow[]): void;
}

/** Opens an empty one; `using` removes it. */
export function openTestStore(): TestStore {
  const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-moving-'));
  const warn = (_fields: object, message: string) => {
    throw new Error(message);
  };
  const clock = createManualClock(NOW_S * 1000);
  const place = { dataDir, simulated: false };
  const store = openSqliteStore({ clock, log: { warn }, onInMemory() {} }, place);
  return {
    dataDir,
    store,
    keep(rows) {
      for (const { kind, row } of rows) {
        if (kind === 'candle') store.keepCandles([row]);
        else store.keepSamples([row], ruleOf(row.series)?.keeps ?? 'last');
      }
    },
    [Symbol.dispose]() {
      store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
