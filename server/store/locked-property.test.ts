import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { CandleRow, SampleRow } from './history-rows.ts';
import type { Store } from './store.ts';
import { ALWAYS, trueCandle, trueSample } from './test-rows.ts';
import { createStoreBench } from './test-store.ts';

/** What may be wanted of a store. */
type Wish =
  | { readonly kind: 'samples'; readonly rows: readonly SampleRow[] }
  | { readonly kind: 'candles'; readonly rows: readonly CandleRow[] }
  | { readonly kind: 'document'; readonly seq: number };

const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.record({
    kind: fc.constant('samples' as const),
    rows: fc.array(trueSample, { minLength: 1, maxLength: 6 }),
  }),
  fc.record({
    kind: fc.constant('candles' as const),
    rows: fc.array(trueCandle, { minLength: 1, maxLength: 6 }),
  }),
  fc.record({ kind: fc.constant('document' as const), seq: fc.nat(20) }),
);
/** Each with whether the file is locked from then on. */
const step = fc.record({ isLocked: fc.constantFrom(true, true, true, false), wish });

/** Every series is kept in a way of its own. */
const keepsOf = (series: string) => (series === 'fng' ? 'first' : 'last');

function fulfil(store: Store, wanted: Wish) {
  if (wanted.kind === 'candles') return store.keepCandles(wanted.rows);
  if (wanted.kind === 'samples') {
    const byKeeps = Map.groupBy(wanted.rows, ({ series }) => keepsOf(series));
    return [...byKeeps].map(([keeps, rows]) => store.keepSamples(rows, keeps));
  }
  const { seq } = wanted;
  return store.saveDocument({ epoch: 1_795_000_000_123, seq, json: `{"seq":${seq}}` });
}

const allOf = (store: Store) => ({
  document: store.loadDocument(),
  series: store.series(),
  rows: [60, 300, 86_400].map((intervalS) => [
    store.candles({ intervalS, ...ALWAYS }),
    ...store.series().map((series) => store.samples({ series, intervalS, ...ALWAYS })),
  ]),
});

describe('a file that is locked now and then', () => {
  test('gives the answers of one that nobody locks, whatever comes while it is', () => {
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 8, maxLength: 24 }), (steps) => {
        const [plain, locked] = [createStoreBench(), createStoreBench()];
        const [one, other] = [plain.open(), locked.open()];
        const person = new Database(locked.file);
        for (const { isLocked, wish: wanted } of steps) {
          if (isLocked !== person.inTransaction)
            person.run(isLocked ? 'BEGIN IMMEDIATE' : 'COMMIT');
          expect(fulfil(other, wanted)).toEqual(fulfil(one, wanted));
          expect(allOf(other)).toEqual(allOf(one));
          refusals += locked.clock.pending();
          locked.clock.advance(100);
        }
        if (person.inTransaction) person.run('COMMIT');
        locked.clock.advance(1000);
        person.close();
        locked.close();
        expect(allOf(locked.open())).toEqual(allOf(one));
        expect(locked.warnings).toEqual([]);
        for (const bench of [plain, locked]) bench.end();
      }),
      { numRuns: 40 },
    );
    expect(refusals).toBeGreaterThan(100);
  });
});
