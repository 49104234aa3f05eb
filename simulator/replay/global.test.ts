import { describe, expect, test } from 'bun:test';
import { globalRoute } from './global.ts';
import { recording, served } from './test-recording.ts';

const NOW = Date.UTC(2026, 10, 23, 7, 0, 59, 999);

/** Written by hand, with digits that no JSON writer would write. */
const TEXT = `{ "data": {
  "active_cryptocurrencies": 10953, "markets": 706,
  "total_market_cap": { "usd": 1248232614151.7046, "idr": 18664519162398434567, "clp": 1.52899720736006e+15, "eur": 1.50
    ${Array.from({ length: 30 }, (_, i) => `, "c${i}": 1`).join('')} },
  "total_volume": { "usd": 51487085903.36974 },
  "market_cap_percentage": { "btc": 44.16829466193675, "eth": 18.393592373345655 },
  "market_cap_change_percentage_24h_usd": 2.5887535311701395,
  "updated_at" : 1680656223 } }`;

describe('/global', () => {
  test('moves its time to the minute of the request and leaves every other character alone', () => {
    const expected = TEXT.replace('1680656223', String(Date.UTC(2026, 10, 23, 7, 0) / 1000));
    expect(served(globalRoute, recording(TEXT), NOW)).toBe(expected);
  });

  test('is sent as recorded when that is asked for', () => {
    expect(served(globalRoute, recording(TEXT), NOW, { asRecorded: true })).toBe(TEXT);
  });

  test('is recognised with the time inside it', () => {
    expect(globalRoute.recognise(recording(TEXT))).toEqual({
      timeMs: 1_680_656_223_000,
      isComplete: true,
    });
  });

  test.each([
    ['few currencies', TEXT.replace(/"c\d+": 1,? ?/g, '').replace(', }', '}')],
    ['no volume', TEXT.replace('total_volume', 'other')],
    ['no counters', TEXT.replace('markets', 'other')],
    ['no dominances', TEXT.replace('market_cap_percentage', 'other')],
  ])('is not complete with %s', (_, text) => {
    expect(globalRoute.recognise(recording(text.replace(/,\s*}/, '}')))?.isComplete).toBe(false);
  });

  test.each(['null', '[]', '{}', '{"data":{}}', '{"data":{"total_market_cap":{"eur":1}}}'])(
    'is not %s',
    (text) => {
      expect(globalRoute.recognise(recording(text))).toBeNull();
    },
  );
});
