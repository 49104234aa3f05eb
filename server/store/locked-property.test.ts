import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Store } from './store.ts';
import { ALWAYS, trueCandle, trueSample } from './test-rows.ts';
import { createStoreBench } from './test-store.ts';

const document = (seq: number) => ({ epoch: 1_795_000_000_123, seq, json: `{"seq":${seq}}` });

describe('a file that is locked now and then', () => {
  test('gives the answers of one that nobody locks, whatever comes while it is', () => {
    const step = fc.oneof(
      fc.record({
        rows: fc.array(trueSample, { maxLength: 6 }),
        keeps: fc.constantFrom('first', 'last'),
      }),
      fc.record({ candles: fc.array(trueCandle, { maxLength: 6 }) }),
      fc.record({ seq: fc.nat(20) }),
      fc.constantFrom('lock', 'unlock'),
    );
    const take = (store: Store, sent: typeof step extends fc.Arbitrary<infer T> ? T : never) => {
      if (typeof sent === 'string') return null;
      if ('seq' in sent) return store.saveDocument(document(sent.seq));
      return 'rows' in sent
        ? store.keepSamples(sent.rows, sent.keeps)
        : store.keepCandles(sent.candles);
    };
    const allOf = (store: Store) => ({
      document: store.loadDocument(),
      series: store.series(),
      rows: [60, 300, 86_400].map((intervalS) => [
        store.candles({ intervalS, ...ALWAYS }),
        ...store.series().map((series) => store.samples({ series, intervalS, ...ALWAYS })),
      ]),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const [plain, locked] = [createStoreBench(), createStoreBench()];
        const person = new Database(locked.file);
        const [one, other] = [plain.open(), locked.open()];
        let isLocked = false;
        const setLocked = (shallBe: boolean) => {
          if (shallBe !== isLocked) person.run(shallBe ? 'BEGIN IMMEDIATE' : 'COMMIT');
          isLocked = shallBe;
        };
        for (const sent of steps) {
          if (typeof sent === 'string') setLocked(sent === 'lock');
          expect(take(other, sent)).toEqual(take(one, sent));
          expect(allOf(other)).toEqual(allOf(one));
          locked.clock.advance(100);
        }
        setLocked(false);
        locked.clock.advance(1000);
        person.close();
        locked.close();
        expect(allOf(locked.open())).toEqual(allOf(one));
        expect(locked.warnings).toEqual([]);
        for (const bench of [plain, locked]) bench.end();
      }),
      { numRuns: 40 },
    );
  });
});
