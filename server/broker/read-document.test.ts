import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { EMPTY } from './broker-contract.ts';
import { readDocument } from './read-document.ts';

/** 23 November 2026, 07:00:00 UTC. */
const NOW = Date.UTC(2026, 10, 23, 7);

const json = (change: object) => JSON.stringify({ ...EMPTY, ...change });

describe('readDocument', () => {
  test('reads back what was written', () => {
    expect(readDocument(json({ simulated: true }), EMPTY, NOW)?.simulated).toBe(true);
    expect(readDocument(json({}), EMPTY, NOW)).toEqual(EMPTY);
  });

  test('reads a missing later key as never read, and no figure that nothing says the source of', () => {
    const seven = {
      market_cap: 1,
      volume_24h: 2,
      btc_price_usd: 3,
      btc_change_24h: null,
      fng_value: 5,
      rsi_14: null,
      last_updated: null,
    };
    expect(readDocument(JSON.stringify(seven), EMPTY, NOW)).toEqual(EMPTY);
  });

  test('keeps unknown keys of a newer version', () => {
    expect(readDocument(json({ brand_new: 1 }), EMPTY, NOW)).toHaveProperty('brand_new', 1);
  });

  test('takes a later key of another form as never read', () => {
    expect(readDocument(json({ coins: 'x', freshness: 3, fng_label: {} }), EMPTY, NOW)).toEqual(
      EMPTY,
    );
  });

  test('refuses what breaks the original contract', () => {
    const broken = ['', 'null', '[]', '3', '{"a":', '{}', json({ market_cap: '1' })];
    for (const text of [...broken, json({ last_updated: 5 }), json({ rsi_14: [1] })]) {
      expect(readDocument(text, EMPTY, NOW)).toBeNull();
    }
  });

  test('refuses a document that is far too long', () => {
    expect(readDocument(json({ filler: 'x'.repeat(1_000_000) }), EMPTY, NOW)).toBeNull();
  });

  test.each(['0', '{}', '[]', '""'])(
    'reads a document stuffed with %s for about the price of parsing it',
    (filling) => {
      const stuffed = Array.from({ length: 60_000 }, (_, n) => `"k${n}":${filling}`).join(',');
      const text = json({}).replace('"coins":{', `"coins":{${stuffed},`);
      const msOf = (run: () => unknown) => {
        const startMs = performance.now();
        run();
        return performance.now() - startMs;
      };
      const parseMs = Math.min(...[1, 2, 3].map(() => msOf(() => JSON.parse(text))));
      const readMs = Math.min(...[1, 2, 3].map(() => msOf(() => readDocument(text, EMPTY, NOW))));
      expect(readMs / parseMs).toBeLessThan(5);
      expect(readDocument(text, EMPTY, NOW)?.coins).toEqual(EMPTY.coins);
    },
  );

  test('never throws and never lets a prototype in, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const document = readDocument(text, EMPTY, NOW);
        expect(document === null || typeof document === 'object').toBe(true);
      }),
    );
    readDocument('{"__proto__":{"polluted":true}}', EMPTY, NOW);
    expect({}).not.toHaveProperty('polluted');
  });
});
