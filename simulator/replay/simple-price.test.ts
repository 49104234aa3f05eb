import { describe, expect, test } from 'bun:test';
import { simplePriceRoute } from './simple-price.ts';
import { recording, served } from './test-recording.ts';

const NOW = Date.UTC(2026, 10, 23, 7, 0, 30);

describe('/simple/price', () => {
  test('moves its time, if it has one, and nothing else', () => {
    const text =
      '{"bitcoin":{"usd":77705.10,"usd_24h_change":-1.4093297098441402,"last_updated_at":1}}';
    expect(served(simplePriceRoute, recording(text), NOW)).toBe(
      text.replace('_at":1', `_at":${Date.UTC(2026, 10, 23, 7, 0) / 1000}`),
    );
    expect(served(simplePriceRoute, recording('{"bitcoin":{"usd":77705}}'), NOW)).toBe(
      '{"bitcoin":{"usd":77705}}',
    );
  });

  test('is BTC in dollars; other coins and currencies answered other questions', () => {
    const recognise = (text: string) => simplePriceRoute.recognise(recording(text));
    expect(recognise('{"bitcoin":{"usd":1,"last_updated_at":5}}')?.timeMs).toBe(5000);
    expect(recognise('{"bitcoin":{"usd":1}}')).toEqual({ timeMs: null, isComplete: true });
    expect(recognise('{"bitcoin":{"eur":1}}')).toBeNull();
    expect(recognise('{"bitcoin":{"usd":1},"ethereum":{"usd":1}}')).toBeNull();
    expect(recognise('{"bitcoin":{"usd":null}}')).toBeNull();
    expect(recognise('{}')).toBeNull();
  });
});
