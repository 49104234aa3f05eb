import { expect, test } from 'bun:test';
import { emptyDocument } from '../../contract/index.ts';
import { newestDocument } from './inherit.ts';

const STALE = { market: 1, fng: 1, rsi_14: 1, rsi_14_taapi: 1, coin: 1 };
const at = (epoch: number, seq: number, simulated = false) => ({
  epoch,
  seq,
  document: emptyDocument(['BTC'], STALE, simulated),
});

test('a term begins with the newest document by position', () => {
  const stored = at(5, 2);
  expect(newestDocument(at(0, 0), [at(4, 900), stored, null], false)).toBe(stored);
  expect(newestDocument(at(5, 3), [stored], false).seq).toBe(3);
});

test('a document of the other kind counts as missing', () => {
  const own = at(0, 0);
  expect(newestDocument(own, [at(9, 9, true)], false)).toBe(own);
  expect(newestDocument(at(0, 0, true), [at(9, 9, false)], true).epoch).toBe(0);
});
