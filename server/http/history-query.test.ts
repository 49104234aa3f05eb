import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { HISTORY_RANGES, HISTORY_SERIES, type HistorySeries } from '../../contract/index.ts';
import { readHistoryQuery } from './history-query.ts';

const has = (series: string): series is HistorySeries =>
  [...HISTORY_SERIES, 'coin:BTC', 'coin:ETH'].includes(series);
const read = (query: string) => readHistoryQuery(query, { has });
const codeOf = (query: string) => {
  const answer = read(query);
  return 'code' in answer ? answer.code : answer;
};

describe('what is asked for', () => {
  test('is a series, a range and a format, in any order, with anything beside them', () => {
    expect(read('?series=btc_price&range=24h')).toEqual({
      series: 'btc_price',
      range: '24h',
      format: 'json',
    });
    expect(read('?x=1&format=csv&&range=1y&=&series=coin:ETH&x=2')).toEqual({
      series: 'coin:ETH',
      range: '1y',
      format: 'csv',
    });
  });

  test('may be percent-encoded, names too', () => {
    expect(read('?%73eries=coin%3AETH&range=%37d')).toEqual({
      series: 'coin:ETH',
      range: '7d',
      format: 'json',
    });
  });

  test('needs no range for sparklines, which have one', () => {
    const sparklines = { series: 'sparklines', range: '7d', format: 'json' } as const;
    expect(read('?series=sparklines')).toEqual(sparklines);
    expect(read('?series=sparklines&range=7d')).toEqual(sparklines);
  });

  test.each([
    ['', 'wrong_series'],
    ['?', 'wrong_series'],
    ['?range=24h', 'wrong_series'],
    ['?series=&range=24h', 'wrong_series'],
    ['?series=BTC_PRICE&range=24h', 'wrong_series'],
    ['?series=btc_price,fng&range=24h', 'wrong_series'],
    ['?series=btc_price&series=btc_price&range=24h', 'wrong_series'],
    ['?series=coin:DOGE&range=24h', 'wrong_series'],
    ['?series=coin:eth&range=24h', 'wrong_series'],
    ['?series=__proto__&range=24h', 'wrong_series'],
    ['?series=btc_price%00&range=24h', 'wrong_series'],
    ['?series=%E0%A4%A&range=24h', 'wrong_series'],
    ['?series=btc_price', 'wrong_range'],
    ['?series=btc_price&range=', 'wrong_range'],
    ['?series=btc_price&range=24H', 'wrong_range'],
    ['?series=btc_price&range=toString', 'wrong_range'],
    ['?series=btc_price&range=24h&range=24h', 'wrong_range'],
    ['?series=btc_price&range= 24h', 'wrong_range'],
    ['?series=sparklines&range=', 'wrong_range'],
    ['?series=sparklines&range=24h', 'wrong_range'],
    ['?series=sparklines&range=7d&range=7d', 'wrong_range'],
    ['?series=btc_price&range=24h&format=', 'wrong_format'],
    ['?series=btc_price&range=24h&format=CSV', 'wrong_format'],
    ['?series=btc_price&range=24h&format=xml', 'wrong_format'],
    ['?series=btc_price&range=24h&format=csv&format=csv', 'wrong_format'],
  ] as const)('%p is refused: %s', (query, code) => {
    expect(codeOf(query)).toBe(code);
  });

  test('is refused with what would be allowed, and without what was sent', () => {
    const messageOf = (query: string) => {
      const answer = read(query);
      return 'message' in answer ? answer.message : '';
    };
    for (const series of HISTORY_SERIES) expect(messageOf('?series=evil')).toContain(series);
    for (const range of Object.keys(HISTORY_RANGES)) {
      expect(messageOf('?series=fng&range=evil')).toContain(range);
    }
    expect(messageOf('?series=sparklines&range=evil')).toContain('7d');
    expect(messageOf('?series=fng&range=1y&format=evil')).toContain('json, csv');
    expect(messageOf('?series=evil')).not.toContain('evil');
  });

  test('is read without an error, whatever it is', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'series=',
        'range=',
        'format=',
        '&',
        '%',
        '%00',
        '%zz',
        '=',
        '+',
        'fng',
        '7d',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const answer = read(`?${pieces.join('')}`);
        expect('code' in answer || has(answer.series)).toBe(true);
      }),
    );
  });

  test('is still found in a hundred kilobytes of something else', () => {
    const noise = '&x=%zz'.repeat(20_000);
    expect(codeOf(`?series=fng${noise}&range=1y`)).toEqual({
      series: 'fng',
      range: '1y',
      format: 'json',
    });
  });
});
