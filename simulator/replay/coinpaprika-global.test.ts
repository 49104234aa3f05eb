import { describe, expect, test } from 'bun:test';
import { coinpaprikaGlobalRoute as route } from './coinpaprika-global.ts';
import { recording, served } from './test-recording.ts';

const TEXT =
  '{ "market_cap_usd": 2573861595571.50, "volume_24h_usd": 86571263328, "bitcoin_dominance_percentage": 59.010, "last_updated": 1795191600 }';

describe('CoinPaprika’s /global', () => {
  test('moves its time to the minute of the request and leaves every other character alone', () => {
    const now = Date.UTC(2026, 10, 23, 7, 0, 59);
    const minuteS = String(Date.UTC(2026, 10, 23, 7) / 1000);
    expect(served(route, recording(TEXT), now)).toBe(TEXT.replace('1795191600', minuteS));
    expect(served(route, recording(TEXT), now, { asRecorded: true })).toBe(TEXT);
  });

  test('is recognised by its market value, and whole with volume and dominance', () => {
    expect(route.recognise(recording(TEXT))).toEqual({
      timeMs: 1_795_191_600_000,
      isComplete: true,
    });
    expect(route.recognise(recording('{"market_cap_usd":1}'))).toEqual({
      timeMs: null,
      isComplete: false,
    });
    for (const text of ['[]', '{}', '{"market_cap_usd":"1"}']) {
      expect(route.recognise(recording(text))).toBeNull();
    }
  });
});
