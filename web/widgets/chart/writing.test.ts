import { describe, expect, test } from 'bun:test';
import { TEST_NOW_MS, testDocument } from '../../live/test-document.ts';
import { testHistory } from '../../live/test-history.ts';
import { liveTestPage } from '../test-props.ts';
import { momentOf, summaryOf, writingOf } from './writing.ts';

const en = liveTestPage(testDocument(), 'en').words;
const vi = liveTestPage(testDocument(), 'vi').words;
const AT_S = TEST_NOW_MS / 1000;
const plain = (text: string | null) => text?.replaceAll('\u00a0', ' ');

describe('the chart in words', () => {
  test('says in one sentence where the line came from, where it is, and its extremes', () => {
    const body = {
      ...testHistory('btc_price', '24h'),
      rows: [[1, 80_000] as const, [2, 76_000] as const, [3, 78_000] as const],
    };
    expect(summaryOf(en, body)).toBe(
      'Bitcoin, 24H: from $80,000.00 to $78,000.00, down 2.50%; high $80,000.00, low $76,000.00.',
    );
    expect(plain(summaryOf(vi, { ...body, range: '1y' }))).toBe(
      'Giá Bitcoin 1 năm: từ 80.000,00 US$ đến 78.000,00 US$, giảm 2,50%; cao nhất 80.000,00 US$, thấp nhất 76.000,00 US$.',
    );
    expect(summaryOf(en, { ...body, rows: [] })).toBeNull();
  });

  test('takes the extremes of candles from their wicks', () => {
    const body = {
      ...testHistory('btc_candles', '7d'),
      rows: [[1, 100, 130, 90, 110, 1] as const, [2, 110, 120, 80, 100, 1] as const],
    };
    expect(summaryOf(en, body)).toBe(
      'Bitcoin, 7D: from $100.00 to $100.00, unchanged; high $130.00, low $80.00.',
    );
  });

  test('tells times by the visitor’s clock, days by the exchanges’', () => {
    expect(momentOf(en, AT_S, 300)).toBe('Nov 23, 14:00');
    expect(momentOf(vi, AT_S, 3600)).toBe('23/11, 14:00');
    expect(momentOf({ ...en, timeZone: 'America/New_York' }, AT_S - (AT_S % 86_400), 86_400)).toBe(
      'Nov 23, 2026',
    );
  });

  test('writes its axis in the visitor’s zone and language', () => {
    const { price, rsi, tick, offsetS } = writingOf(vi, 300, TEST_NOW_MS);
    expect([price(77_705.4), rsi(33.456)]).toEqual(['77.705', '33,46']);
    expect(offsetS).toBe(7 * 3600);
    expect([tick(AT_S, false), tick(AT_S, true)]).toEqual(['14:00', '23/11']);
    expect(writingOf(vi, 86_400, TEST_NOW_MS).offsetS).toBe(0);
  });

  test('names the right day where the clocks were changed since', () => {
    const words = { ...en, timeZone: 'America/New_York' };
    const { tick, offsetS } = writingOf(words, 3600, Date.UTC(2026, 2, 9));
    // Midnight by the summer's offset is still eleven in the evening on a day of winter.
    const midnight = Date.UTC(2026, 2, 7) / 1000 - offsetS;
    expect(tick(midnight, false)).toBe('23:00');
    expect(tick(midnight, true)).toBe('Mar 7');
  });
});
