import { describe, expect, test } from 'bun:test';
import { describeIndexArchive, refusalOf } from '../archive-contract.ts';
import { changed } from '../poll-contract.ts';
import series from './fixtures/series.json';
import { pastFng } from './past-fng.ts';

const DAY_MS = 86_400_000;
const TODAY_MS = Date.UTC(2026, 5, 6);
const RECEIVED_AT_MS = TODAY_MS + 13 * 3_600_000;
/** Twenty years, an item as compact as it can be sent. */
const LONGEST_BYTES = 20 * 366 * 93;

describeIndexArchive('/fng/ of all days', pastFng, series, RECEIVED_AT_MS, LONGEST_BYTES);

const read = (body: unknown, receivedAtMs = RECEIVED_AT_MS) => pastFng.read(body, receivedAtMs);
const refused = (body: unknown, receivedAtMs = RECEIVED_AT_MS) =>
  refusalOf(() => read(body, receivedAtMs));

/** An answer of these values, by the hours since the beginning of a day that they are stamped with. */
const stamped = (...items: readonly (readonly [hours: number, value: string])[]) => ({
  ...series,
  data: items.map(([hours, value]) => ({
    value,
    timestamp: String(TODAY_MS / 1000 - 10 * 86_400 + hours * 3600),
  })),
});

const valuesOf = (body: unknown) =>
  read(body).map(({ dayMs, value }) => [(dayMs - TODAY_MS) / DAY_MS + 10, value]);

describe('the whole Fear & Greed index', () => {
  test('is asked for with a slash at the end, as unix time', () => {
    expect(pastFng.request()).toEqual({
      path: '/fng/',
      query: { limit: '0', format: 'json' },
      maxBodyBytes: 2_097_152,
    });
    expect(pastFng).toMatchObject({ gives: 'fng', route: '/fng/' });
  });

  test('pitfall 25: it comes newest first, and is read oldest first in any order', () => {
    const days = read(series);
    expect(days).toHaveLength(series.data.length);
    expect(days[0]).toEqual({ dayMs: Date.UTC(2018, 1, 1), value: 30 });
    expect(days.at(-1)).toEqual({ dayMs: TODAY_MS, value: 12 });
    expect(read({ ...series, data: series.data.toReversed() })).toEqual(days);
  });

  test('pitfall 27: days that are missing from the series stay missing', () => {
    const of = (...date: readonly [number, number, number]) =>
      read(series).find(({ dayMs }) => dayMs === Date.UTC(...date))?.value;
    expect([of(2024, 9, 25), of(2024, 9, 26), of(2024, 9, 27)]).toEqual([72, undefined, 74]);
    expect([13, 14, 15, 16, 17].map((day) => of(2018, 3, day))).toEqual([
      ...[23, undefined, undefined, undefined, 26],
    ]);
  });

  test.each(['101', '-1', 'abc', '', ' 26 ', '26.5', '2.6e1', 26, null, undefined])(
    'pitfall 27: a day with a value of %p is missing, and no other',
    (value) => {
      const days = read(changed(series, ['data', 1, 'value'], value));
      expect(days).toEqual(read(series).filter(({ dayMs }) => dayMs !== TODAY_MS - DAY_MS));
    },
  );

  test('is no answer when no day of it can be read', () => {
    expect(refused(stamped([0, 'abc'], [24, '101']))).toBe('bad_response');
    expect(refused(stamped([0, 'abc'], [24, '100']))).toBeNull();
  });

  test('counts days by the calendar where stamps are not at midnight', () => {
    expect(valuesOf(stamped([53, '44'], [29, '47'], [5, '40']))).toEqual([
      [0, 40],
      [1, 47],
      [2, 44],
    ]);
  });

  test('has one value a day: that of the newest stamp which can be read, of one stamp the first', () => {
    expect(valuesOf(stamped([29, '50'], [24, '40'], [0, '30']))).toEqual([
      [0, 30],
      [1, 50],
    ]);
    expect(valuesOf(stamped([24, '40'], [29, '50'], [0, '30']))[1]).toEqual([1, 50]);
    expect(valuesOf(stamped([29, ''], [24, '40'], [0, '30']))[1]).toEqual([1, 40]);
    expect(valuesOf(stamped([24, '50'], [24, '40'], [0, '30']))[1]).toEqual([1, 50]);
  });

  test('pitfall 24: it may end with yesterday, and does not know a day that has not begun', () => {
    expect(refused(series, TODAY_MS + DAY_MS + 90_000)).toBeNull();
    expect(refused(series, TODAY_MS - 60_000)).toBeNull();
    expect(refused(series, TODAY_MS - 60_001)).toBe('bad_response');
  });

  test.each<[string, unknown]>([
    ['of today', changed(series, ['data', 0, 'timestamp'], '06-06-2026')],
    ['of long ago', changed(series, ['data', 9, 'timestamp'], '2018-04-17')],
  ])('pitfall 28: a date in words %s refuses the series', (_name, body) => {
    expect(refused(body)).toBe('bad_response');
  });

  test.each<[string, unknown]>([
    ['without days', { ...series, data: [] }],
    ['with an error beside the days', { ...series, metadata: { error: 'Invalid limit' } }],
  ])('pitfall 22: there is no answer %s', (_name, body) => {
    expect(refused(body)).toBe('bad_response');
  });

  test('is read up to an age of twenty years, and is no answer when it is longer', () => {
    const daysOf = (count: number) => ({
      data: Array.from({ length: count }, (_, index) => ({
        value: String(index % 101),
        timestamp: String(TODAY_MS / 1000 - index * 86_400),
      })),
    });
    // From 2009 on: there is no earlier day.
    expect(read(daysOf(6000))).toHaveLength(6000);
    expect(refused({ data: Array(20 * 366).fill(series.data[0]) })).toBeNull();
    expect(refused({ data: Array(20 * 366 + 1).fill(series.data[0]) })).toBe('bad_response');
  });
});
