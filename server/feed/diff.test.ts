import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { applyPatch, type DashboardDocument, emptyDocument } from '../../contract/index.ts';
import { diff } from './diff.ts';

const base = emptyDocument(
  ['BTC', 'ETH'],
  { market: 1800, fng: 108_000, rsi_14: 900, rsi_14_taapi: 900, coin: 900 },
  false,
);

const numberOrNull = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null });
const fngValue = fc.option(fc.record({ value: fc.integer(), label: fc.string() }), { nil: null });

/** Documents that share all keys but differ in everything else, sub-objects coming and going included. */
const documents: fc.Arbitrary<DashboardDocument> = fc
  .record({
    market_cap: numberOrNull,
    btc_price_usd: numberOrNull,
    fng_label: fc.option(fc.string(), { nil: null }),
    fng_history: fc.record({ yesterday: fngValue, last_week: fngValue, last_month: fngValue }),
    btc_spread: fc.option(
      fc.record({
        percent: fc.double({ noNaN: true }),
        prices: fc.record({ binance: numberOrNull, coinbase: numberOrNull }),
      }),
      { nil: null },
    ),
    simulated: fc.boolean(),
  })
  .map((some) => ({ ...base, ...some }));

describe('diff', () => {
  test('is null between equal documents', () => {
    expect(diff(base, structuredClone(base))).toBeNull();
  });

  test('holds only what changed, nested keys included', () => {
    const btc = { ...base.coins.BTC, price_usd: 77_705 } as DashboardDocument['coins'][string];
    const after = { ...base, btc_price_usd: 77_705, coins: { ...base.coins, BTC: btc } };
    expect(diff(base, after)).toEqual({
      btc_price_usd: 77_705,
      coins: { BTC: { price_usd: 77_705 } },
    });
  });

  test('says null when an object went away, and the whole object when one came', () => {
    const spread = { percent: 0.04, prices: { binance: 1, kraken: null } };
    expect(diff(base, { ...base, btc_spread: spread })).toEqual({ btc_spread: spread });
    expect(diff({ ...base, btc_spread: spread }, base)).toEqual({ btc_spread: null });
  });

  test('refuses a document that lost a key', () => {
    const { fng_label: _, ...rest } = base;
    expect(() => diff(base, rest as DashboardDocument)).toThrow('fng_label');
  });

  test('applied to the first of any two documents gives the second', () => {
    fc.assert(
      fc.property(documents, documents, (before, after) => {
        const patch = diff(before, after);
        const result =
          patch === null ? before : applyPatch(before, JSON.parse(JSON.stringify(patch)));
        expect(JSON.parse(JSON.stringify(result))).toEqual(JSON.parse(JSON.stringify(after)));
      }),
    );
  });
});
