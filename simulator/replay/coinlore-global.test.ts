import { describe, expect, test } from 'bun:test';
import { coinloreGlobalRoute as route } from './coinlore-global.ts';
import { recording, served } from './test-recording.ts';

const TEXT =
  '[{ "total_mcap": 2552893272999.8096, "total_volume": 106549247172.890, "btc_d": "59.50", "eth_d": "9.84" }]';

describe('CoinLore’s /global/', () => {
  test('has no time to move, and is sent as it is', () => {
    expect(served(route, recording(TEXT), Date.UTC(2026, 10, 23))).toBe(TEXT);
    expect(route.recognise(recording(TEXT))).toEqual({ timeMs: null, isComplete: true });
  });

  test('is one object in a list, whole with volume and dominances', () => {
    const recognise = (text: string) => route.recognise(recording(text));
    expect(recognise('[{"total_mcap":1}]')).toEqual({ timeMs: null, isComplete: false });
    for (const text of ['[]', '{"total_mcap":1}', '[{"total_mcap":1},{}]', '[{"btc_d":"1"}]']) {
      expect(recognise(text)).toBeNull();
    }
  });
});
