import { expect, test } from 'bun:test';
import { createPositionBook } from '../position-book.ts';

const AT = { epoch: 1_795_000_000_000, seq: 3 };

test('a book of positions finds two documents at one, wherever they differ', () => {
  const book = createPositionBook();
  book.note(AT, { a: [1, null], b: { c: 1 } });
  book.note({ ...AT, seq: 4 }, { a: [1, null], b: { c: 2 } });
  expect(book.doubled()).toEqual([]);
  book.note(AT, { a: [1, null], b: { c: 2 } });
  expect(book.doubled()).toEqual([`${AT.epoch}-3`]);
  expect(book.size()).toBe(2);
});

test('a book of positions takes keys in another order for the same document', () => {
  const book = createPositionBook();
  book.note(AT, { a: 1, b: { c: 1, d: [2] } });
  book.note(AT, { b: { d: [2], c: 1 }, a: 1 });
  expect(book.doubled()).toEqual([]);
});
