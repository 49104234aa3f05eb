import { describe, expect, test } from 'bun:test';
import { MAX_HISTORY_ROWS } from '../../contract/index.ts';
import { type HistoryRow, readHistory } from './read-history.ts';
import { testHistory } from './test-history.ts';

const BODY = testHistory('btc_price', '24h');
const read = (said: unknown) => readHistory(said, 'btc_price', '24h');

describe('an answer of the history endpoint', () => {
  test('is taken as it was sent', () => {
    expect(read(JSON.parse(JSON.stringify(BODY)))).toEqual(BODY);
    const bare = { ...BODY, source: null, sources: [], as_of: null, rows: [] };
    expect(read(bare)).toEqual(bare);
    const week = testHistory('sparklines', '7d');
    const rows: HistoryRow[] = [[1, null, 2, 2, 2, 2, 2, 2], ...week.rows];
    expect(readHistory({ ...week, rows }, 'sparklines', '7d')?.rows).toEqual(rows);
  });

  test('is refused when it is of something else', () => {
    for (const said of [null, 7, 'rows', [], {}, { ...BODY, range: '7d' }]) {
      expect(read(said)).toBeNull();
    }
    expect(readHistory(BODY, 'rsi_14', '24h')).toBeNull();
    for (const interval_s of [0, -300, '300', null])
      expect(read({ ...BODY, interval_s })).toBeNull();
    for (const columns of [[], ['value', 'time'], ['time', 7], null]) {
      expect(read({ ...BODY, columns })).toBeNull();
    }
  });

  test('is refused when a row cannot be drawn', () => {
    const broken = [
      [[1]],
      [[1, 2, 3]],
      [[1, 'two']],
      [[null, 2]],
      [[Number.NaN, 2]],
      [[1, Number.POSITIVE_INFINITY]],
      [null],
      [
        [2, 1],
        [1, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
      [
        [1, 1],
        ['x', 1],
        [3, 1],
      ],
    ];
    for (const rows of broken) expect(read({ ...BODY, rows })).toBeNull();
    const many = Array.from({ length: MAX_HISTORY_ROWS + 1 }, (_, time) => [time, 1]);
    expect(read({ ...BODY, rows: many })).toBeNull();
    expect(read({ ...BODY, rows: many.slice(1) })?.rows).toHaveLength(MAX_HISTORY_ROWS);
  });

  test('names only sources that the page knows', () => {
    const said = { ...BODY, source: 'moonbase', sources: ['kraken', 'moonbase', 'binance'] };
    expect(read(said)).toMatchObject({ source: null, sources: ['binance', 'kraken'] });
    expect(read({ ...BODY, as_of: 'soon' })?.as_of).toBeNull();
  });
});
