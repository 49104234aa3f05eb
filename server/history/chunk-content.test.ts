import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { EXCHANGES, SOURCE_IDS } from '../../contract/index.ts';
import { MAX_CHUNK_BYTES } from '../redis/steps.ts';
import type { CandleRow, SampleRow } from '../store/history-rows.ts';
import {
  CANDLES,
  type ChunkPlace,
  candlesChunk,
  chunkAt,
  readChunk,
  samplesChunk,
} from './chunks.ts';
import { ruleOf } from './series.ts';
import { DAY_S, TIERS } from './tiers.ts';

const NOW_S = Date.UTC(2026, 10, 23, 7) / 1000;

function place(series: string, intervalS: number, timeS = NOW_S - DAY_S): ChunkPlace {
  const found = chunkAt(series, intervalS, timeS);
  if (found === null) throw new Error('no such tier');
  return found;
}
const sample = (at: ChunkPlace, index: number, rest: Partial<SampleRow> = {}): SampleRow => {
  const { series, intervalS, fromS } = at;
  const time = fromS + index * intervalS;
  return { series, intervalS, time, value: 50, source: 'binance', asOfS: time + 1, ...rest };
};
const candle = (at: ChunkPlace, index: number, rest: Partial<CandleRow> = {}): CandleRow => {
  const { series: _, value: __, ...row } = sample(at, index);
  return { ...row, open: 2, high: 4, low: 1, close: 3, volume: 0, ...rest };
};
/** A chunk with this body. */
const body = (rows: unknown, rest: object = {}) =>
  JSON.stringify({ version: 1, sources: ['binance', 'kraken'], rows, ...rest });

const AT = fc
  .record({
    series: fc.constantFrom(CANDLES, 'coin:ETH', 'market_cap', 'btc_dominance', 'volume_24h'),
    intervalS: fc.constantFrom(...TIERS.map(({ intervalS }) => intervalS)),
  })
  .map(({ series, intervalS }) => place(series, intervalS));
const NUMBER = fc.double({ min: 0, max: 100, minExcluded: true, noNaN: true });
const COMMON = fc.record({
  index: fc.nat(287),
  source: fc.constantFrom(...EXCHANGES),
  aheadS: fc.nat(60),
});

describe('what is written', () => {
  test('is read as it was, to the last digit', () => {
    fc.assert(
      fc.property(
        AT,
        fc.array(
          fc.tuple(COMMON, fc.array(NUMBER, { minLength: 5, maxLength: 5 })),
          // Of one time there are as many candles as exchanges.
          { minLength: 1, maxLength: 50 },
        ),
        (at, drawn) => {
          const laterS = at.toS + DAY_S;
          const numbers = drawn.map(([common, [value = 1, ...rest]]) => {
            const asOfS = at.fromS + common.index * at.intervalS + common.aheadS;
            return { ...common, asOfS, value, rest };
          });
          if (at.series === CANDLES) {
            const rows = numbers.map(({ index, source, asOfS, value, rest }) => {
              const [open = 1, close = 1, volume = 1] = rest;
              const [high, low] = [Math.max(value, open, close), Math.min(value, open, close)];
              return candle(at, index, { source, asOfS, open, high, low, close, volume });
            });
            const chunk = candlesChunk(at, rows, laterS);
            expect(readChunk(at, chunk?.json ?? '', laterS)).toEqual({
              ...{ kind: 'candles', rows, isWhole: true, isAhead: false },
            });
            return;
          }
          const rows = numbers.map(({ index, source, asOfS, value }) =>
            sample(at, index, { source, asOfS, value }),
          );
          const chunk = samplesChunk(at, rows, laterS);
          const keeps = ruleOf(at.series)?.keeps ?? 'last';
          expect(readChunk(at, chunk?.json ?? '', laterS)).toEqual({
            ...{ kind: 'samples', keeps, rows, isWhole: true, isAhead: false },
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  test('has the same digest for the same rows, and another for each that differs', () => {
    const at = place('coin:BTC', 60);
    const digest = (rest: Partial<SampleRow>) =>
      samplesChunk(at, [sample(at, 0), sample(at, 1, rest)], NOW_S)?.digest;
    expect(digest({})).toBe(digest({}));
    expect(digest({})).toMatch(/^[\w-]{16}$/);
    const changes = [{ value: 51 }, { source: 'kraken' }, { asOfS: at.fromS + 90 }] as const;
    expect(new Set([{}, ...changes].map(digest)).size).toBe(4);
  });

  test('is nothing without rows, and without those of a time to come', () => {
    const at = place('coin:BTC', 60, NOW_S);
    expect(samplesChunk(at, [], NOW_S)).toBeNull();
    const row = sample(at, 100, { asOfS: NOW_S + 61 });
    expect(samplesChunk(at, [row], NOW_S)).toBeNull();
    const near = { ...row, asOfS: NOW_S + 60 };
    expect(samplesChunk(at, [near, row], NOW_S)).toEqual(samplesChunk(at, [near], NOW_S));
  });

  test('is never longer than a chunk may be, however long the numbers are', () => {
    // As many digits as a number can have, and a time of its own in every row.
    const value = 1.2345678901234566e-7;
    for (const { intervalS } of TIERS) {
      const at = place(CANDLES, intervalS);
      const indices = Array.from({ length: (at.toS - at.fromS) / intervalS }, (_, index) => index);
      const rows = indices.flatMap((index) =>
        EXCHANGES.map((source) => {
          const asOfS = at.fromS + (index + 1) * intervalS;
          const [open, high, low, close, volume] = [value, value, value, value, value];
          return candle(at, index, { open, high, low, close, volume, source, asOfS });
        }),
      );
      const json = candlesChunk(at, rows, at.toS)?.json ?? '';
      expect(Buffer.byteLength(json)).toBeWithin(100_000, MAX_CHUNK_BYTES);
      expect(readChunk(at, json, at.toS)?.rows).toHaveLength(rows.length);
    }
  });
});

describe('a chunk that is read', () => {
  const at = place('coin:BTC', 60);
  const candles = place(CANDLES, 60);
  const index = place('fng', DAY_S);
  const good = [0, 50, 0, 30];
  const goodCandle = [0, 2, 4, 1, 3, 0, 1, 60];

  test('is known as good', () => {
    expect(readChunk(at, body([good, [359, 1e9, 1, 60]]), NOW_S)?.rows).toEqual([
      sample(at, 0, { asOfS: at.fromS + 30 }),
      sample(at, 359, { value: 1e9, source: 'kraken', asOfS: at.toS }),
    ]);
    expect(readChunk(candles, body([goodCandle]), NOW_S)?.rows).toEqual([
      candle(candles, 0, { source: 'kraken', asOfS: candles.fromS + 60 }),
    ]);
    const fng = { sources: ['alternative_me'] };
    expect(readChunk(index, body([[0, 26, 0, 0]], fng), NOW_S)?.rows).toHaveLength(1);
    expect(readChunk(at, body([], { later: 'keys' }), NOW_S)?.rows).toEqual([]);
  });

  test.each([
    ...['', 'x', 'null', '[]', '{}', '1', '"text"'],
    ...[body(null), body({}), body([null]), body([[]]), body(['0503'])],
    body([good], { version: 2 }),
    body([good], { sources: 'binance' }),
    body([good], { sources: [1] }),
    body([good], { sources: Array.from({ length: 51 }, () => 'binance') }),
    body(Array.from({ length: 361 }, () => good)),
  ])('is refused whole when it is %.60s', (json) => {
    expect(readChunk(at, json, NOW_S)).toBeNull();
  });

  test.each([
    // Too short, too long, a text.
    ...[
      [0, 50, 0],
      [...good, 1],
      ['0', 50, 0, 30],
      [0, null, 0, 30],
    ],
    // In no interval of the chunk.
    ...[
      [-1, 50, 0, 30],
      [360, 50, 0, 30],
      [0.5, 50, 0, 30],
      [1e300, 50, 0, 30],
    ],
    // No price.
    ...[
      [0, 0, 0, 30],
      [0, -1, 0, 30],
      [0, 1e9 + 1, 0, 30],
    ],
    // Of nobody in the list.
    ...[
      [0, 50, 2, 30],
      [0, 50, -1, 30],
      [0, 50, 0.5, 30],
    ],
    // Of a time outside of its interval.
    ...[
      [0, 50, 0, -1],
      [0, 50, 0, 61],
      [0, 50, 0, 0.5],
    ],
  ])('is refused whole for one row like %j', (...row) => {
    expect(readChunk(at, body([good, row]), NOW_S)).toBeNull();
  });

  test.each([
    ...[
      [0, 2, 4, 1, 3, 0, 0],
      [0, 2, 4, 1, 3, 0, 0, 60, 0],
      [0, 2, 4, 1, 3, -1, 0, 60],
    ],
    ...[
      [0, 0, 4, 0, 3, 0, 0, 60],
      [0, 2, 4, 1, 5, 0, 0, 60],
      [0, 2, 4, 2.5, 3, 0, 0, 60],
    ],
    [0, 2, 2e9, 1, 3, 0, 0, 60],
    // More than was ever traded.
    [0, 2, 4, 1, 3, 1e300, 0, 60],
  ])('is refused whole for one candle like %j', (...row) => {
    expect(readChunk(candles, body([goodCandle, row]), NOW_S)).toBeNull();
  });

  test.each([[26.5], [101], [-1]])('is refused whole for an index of %d', (value) => {
    const fng = { sources: ['alternative_me'] };
    expect(readChunk(index, body([[0, value, 0, 0]], fng), NOW_S)).toBeNull();
  });

  test('is refused whole for a row of before the first trade', () => {
    const days = place('coin:BTC', DAY_S, 0);
    expect(readChunk(days, body([good]), NOW_S)).toBeNull();
    expect(readChunk(place(CANDLES, DAY_S, 0), body([goodCandle]), NOW_S)).toBeNull();
  });

  test('is refused whole for a wrong row, also of a source that nobody here knows', () => {
    const later = { sources: ['binance', 'later'] };
    expect(readChunk(at, body([good, [1, -60, 1, 30]], later), NOW_S)).toBeNull();
    const candle = goodCandle.with(3, 9).with(6, 1);
    expect(readChunk(candles, body([candle], later), NOW_S)).toBeNull();
  });

  test('is read without rows of sources that nobody here knows, which it says', () => {
    const json = (sources: readonly string[]) => body([good, [1, 60, 1, 30]], { sources });
    expect(readChunk(at, json(['binance', 'later']), NOW_S)).toMatchObject({
      rows: [{ value: 50, source: 'binance' }],
      ...{ isWhole: false, isAhead: false },
    });
    expect(readChunk(at, json(['toString', '__proto__']), NOW_S)?.rows).toEqual([]);
    // Only exchanges have candles.
    for (const source of SOURCE_IDS) {
      const rows = readChunk(candles, body([goodCandle], { sources: ['later', source] }), NOW_S);
      expect(rows?.rows).toHaveLength(EXCHANGES.some((id) => id === source) ? 1 : 0);
    }
  });

  test('is read without rows of a time to come, which it says', () => {
    const asOfS = at.fromS + 30;
    expect(readChunk(at, body([good]), asOfS - 60)).toMatchObject({ rows: [{}], isWhole: true });
    expect(readChunk(at, body([good]), asOfS - 61)).toMatchObject({ rows: [], isAhead: true });
    expect(readChunk(candles, body([goodCandle]), candles.fromS - 1)).toMatchObject({
      ...{ rows: [], isWhole: false, isAhead: true },
    });
  });
});
