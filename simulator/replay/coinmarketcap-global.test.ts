import { describe, expect, test } from 'bun:test';
import { coinmarketcapGlobalRoute as route } from './coinmarketcap-global.ts';
import { recording, served } from './test-recording.ts';

const NOW = Date.UTC(2026, 10, 23, 7, 0, 30, 500);
const FIGURES = '"total_market_cap": 2304896836510.4610, "total_volume_24h": 107437681371.30';
const TEXT = `{ "status": { "timestamp": "2024-10-16T00:21:56.668Z", "error_code": 0 },
  "data": { "btc_dominance": 57.396428129187, "quote": { "USD": { ${FIGURES},
    "last_updated": "2024-10-16T00:19:59.999Z" } }, "last_updated": "2024-10-16T00:19:59.999Z" } }`;

describe('CoinMarketCap’s global metrics', () => {
  test('are answered now, with figures as much older as they were, digit by digit', () => {
    expect(served(route, recording(TEXT), NOW)).toBe(
      TEXT.replace('2024-10-16T00:21:56.668Z', '2026-11-23T07:00:30.500Z').replaceAll(
        '2024-10-16T00:19:59.999Z',
        '2026-11-23T06:58:33.831Z',
      ),
    );
    expect(served(route, recording(TEXT), NOW, { asRecorded: true })).toBe(TEXT);
  });

  test('are recognised by the value in dollars, and dated by its time', () => {
    expect(route.recognise(recording(TEXT))).toEqual({
      timeMs: Date.UTC(2024, 9, 16, 0, 19, 59, 999),
      isComplete: true,
    });
    const alone = '{"data":{"quote":{"USD":{"total_market_cap":1}}}}';
    expect(route.recognise(recording(alone))).toEqual({ timeMs: null, isComplete: false });
    expect(served(route, recording(alone), NOW)).toBe(alone);
    for (const text of ['[]', '{"data":{"quote":{"EUR":{"total_market_cap":1}}}}', '{"data":[]}']) {
      expect(route.recognise(recording(text))).toBeNull();
    }
  });
});
