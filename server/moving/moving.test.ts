import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { exportHistory } from './export-history.ts';
import { checkHistory, importHistory, type MovedFile } from './import-history.ts';
import { keptNames, type ReadableRows } from './kept-rows.ts';
import { FILE_FORMATS, type FileFormat, type MovedRow } from './moved-row.ts';
import { candleArb, NOW_S, openTestStore, sampleArb } from './test-rows.ts';

/** Opening stores is what takes the time. */
const RUNS = 12;

const exported = (rows: ReadableRows, format: FileFormat, names = keptNames(rows)) => {
  const count = { rows: 0, leftOut: 0 };
  return { text: [...exportHistory(rows, { names, format, nowS: NOW_S }, count)].join(''), count };
};

/** Pieces that end anywhere, as a disk or a pipe gives them. */
const fileOf = (text: string, format: FileFormat, pieceBytes = 7): MovedFile => ({
  format,
  *chunks() {
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      yield bytes.subarray(from, from + pieceBytes);
    }
  },
});

const rowsArb = fc.array(fc.oneof(sampleArb, candleArb), { maxLength: 40 });

describe.each([...FILE_FORMATS])('moving house as %s', (format) => {
  test('what is taken in goes out again byte for byte, and a second time changes nothing', () => {
    fc.assert(
      fc.property(rowsArb, (rows) => {
        using before = openTestStore();
        using after = openTestStore();
        before.keep(rows);
        const { text, count } = exported(before.store, format);
        const file = fileOf(text, format);
        expect(checkHistory(file, NOW_S)).toBe(count.rows);
        expect(importHistory(file, NOW_S, after.store)).toBe(count.rows);
        expect(exported(after.store, format).text).toBe(text);
        expect(importHistory(file, NOW_S, after.store)).toBe(0);
        expect(exported(after.store, format).text).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  test('two houses become one, in whatever order', () => {
    fc.assert(
      fc.property(rowsArb, rowsArb, (here, there) => {
        using one = openTestStore();
        using other = openTestStore();
        one.keep(here);
        other.keep(there);
        const [fromOne, fromOther] = [one, other].map(({ store }) => exported(store, format).text);
        importHistory(fileOf(fromOther ?? '', format), NOW_S, one.store);
        importHistory(fileOf(fromOne ?? '', format), NOW_S, other.store);
        expect(exported(one.store, format).text).toBe(exported(other.store, format).text);
      }),
      { numRuns: RUNS },
    );
  });

  test('only what was asked for goes, under the name it was asked by', () => {
    using house = openTestStore();
    const price = { intervalS: 60, time: NOW_S - 30, asOfS: NOW_S, source: 'binance' } as const;
    house.keep([
      { name: 'coin:BTC', kind: 'sample', row: { series: 'coin:BTC', value: 77705.25, ...price } },
      { name: 'coin:ETH', kind: 'sample', row: { series: 'coin:ETH', value: 2431, ...price } },
    ]);
    const { text, count } = exported(house.store, format, ['btc_price', 'fng']);
    expect(text).toContain('btc_price');
    expect(text).not.toContain('coin:');
    expect(count).toEqual({ rows: 1, leftOut: 0 });
    using next = openTestStore();
    expect(importHistory(fileOf(text, format), NOW_S, next.store)).toBe(1);
    expect(next.store.series()).toEqual(['coin:BTC']);
    expect(exported(next.store, format, ['btc_price', 'fng']).text).toBe(text);
  });

  test('a row that cannot be true stays behind, and is counted', () => {
    using house = openTestStore();
    const row = { series: 'fng', intervalS: 86_400, source: 'alternative_me' } as const;
    const time = 86_400 * 20_000;
    house.store.keepSamples(
      [
        { ...row, time, asOfS: time, value: 26 },
        { ...row, time: time + 86_400, asOfS: time + 86_400, value: 2.5 },
      ],
      'first',
    );
    const { text, count } = exported(house.store, format);
    expect(count).toEqual({ rows: 1, leftOut: 1 });
    expect(checkHistory(fileOf(text, format), NOW_S)).toBe(1);
  });

  test('more rows than are read or kept at once all arrive', () => {
    const rows: MovedRow[] = Array.from({ length: 12_500 }, (_, index) => {
      const time = Math.floor(NOW_S / 60) * 60 - index * 60;
      const row = { series: 'coin:BTC', intervalS: 60, time, asOfS: time, value: index + 1 };
      return { name: 'coin:BTC', kind: 'sample', row: { ...row, source: 'binance' } };
    });
    using before = openTestStore();
    using after = openTestStore();
    before.store.keepSamples(
      rows.flatMap(({ kind, row }) => (kind === 'sample' ? row : [])),
      'last',
    );
    const { text, count } = exported(before.store, format);
    expect(count.rows).toBe(12_500);
    expect(importHistory(fileOf(text, format, 65_536), NOW_S, after.store)).toBe(12_500);
    expect(exported(after.store, format).text).toBe(text);
  });
});

test('both forms hold the same', () => {
  fc.assert(
    fc.property(rowsArb, (rows) => {
      using before = openTestStore();
      using after = openTestStore();
      before.keep(rows);
      importHistory(fileOf(exported(before.store, 'csv').text, 'csv'), NOW_S, after.store);
      expect(exported(after.store, 'json').text).toBe(exported(before.store, 'json').text);
      const parsed = JSON.parse(exported(before.store, 'json').text);
      expect(Object.keys(parsed)).toEqual(['format_version', 'series']);
    }),
    { numRuns: RUNS },
  );
});
