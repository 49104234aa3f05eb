import { describe, expect, test } from 'bun:test';
import { simplePriceRoute } from './simple-price.ts';
import { recording, served } from './test-recording.ts';

const NOW = Date.UTC(2026, 10, 23, 7, 0, 30);
const MINUTE_S = Date.UTC(2026, 10, 23, 7, 0) / 1000;

describe('/simple/price', () => {
  test('moves its times, if it has any, and nothing else', () => {
    const text =
      '{"bitcoin":{"usd":77705.10,"usd_24h_change":-1.4093297098441402,"last_updated_at":1795191611}}';
    expect(served(simplePriceRoute, recording(text), NOW)).toBe(
      text.replace('1795191611', String(MINUTE_S)),
    );
    expect(served(simplePriceRoute, recording('{"bitcoin":{"usd":77705}}'), NOW)).toBe(
      '{"bitcoin":{"usd":77705}}',
    );
    expect(served(simplePriceRoute, recording(text), NOW, { asRecorded: true })).toBe(text);
  });

  test('leaves coins as far apart in time as they were, the newest of this minute', () => {
    const text = `{"bitcoin":{"usd":77705,"last_updated_at":1795191611},
      "solana":{"usd":87.420,"last_updated_at":1795191604},"cardano":{"usd":0.2481}}`;
    expect(served(simplePriceRoute, recording(text), NOW)).toBe(
      text.replace('1795191611', String(MINUTE_S)).replace('1795191604', String(MINUTE_S - 7)),
    );
  });

  test('is coins in dollars, BTC among them; anything else answered other questions', () => {
    const recognise = (text: string) => simplePriceRoute.recognise(recording(text));
    expect(recognise('{"bitcoin":{"usd":1,"last_updated_at":5}}')?.timeMs).toBe(5000);
    expect(recognise('{"bitcoin":{"usd":1}}')).toEqual({ timeMs: null, isComplete: true });
    expect(recognise('{"avalanche-2":{"usd":1},"bitcoin":{"usd":1}}')).not.toBeNull();
    expect(recognise('{"bitcoin":{"eur":1}}')).toBeNull();
    expect(recognise('{"bitcoin":{"usd":1},"ethereum":{"eur":1}}')).toBeNull();
    expect(recognise('{"bitcoin":{"usd":1},"status":"ok"}')).toBeNull();
    expect(recognise('{"ethereum":{"usd":1}}')).toBeNull();
    expect(recognise('{"bitcoin":{"usd":null}}')).toBeNull();
    expect(recognise('{}')).toBeNull();
  });
});
