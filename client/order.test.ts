import { describe, expect, test } from 'bun:test';
import { NO_POSITION } from '../contract/position.ts';
import { orderPatch, replaces } from './order.ts';
import { at, EPOCH } from './testing/documents.ts';

describe('a whole document', () => {
  test('is taken when none is held, even one in which nothing was read yet', () => {
    expect(replaces(null, at(5), false)).toBe(true);
    expect(replaces(null, NO_POSITION, false)).toBe(true);
  });

  test('is compared by epoch first, then by seq', () => {
    expect(replaces(at(5), at(6), false)).toBe(true);
    expect(replaces(at(5), at(5), false)).toBe(true);
    expect(replaces(at(5), at(4), false)).toBe(false);
    expect(replaces(at(5), at(1, EPOCH + 1), false)).toBe(true);
    expect(replaces(at(5), at(900, EPOCH - 1), false)).toBe(false);
  });

  test('is taken whatever is held when it begins anew', () => {
    expect(replaces(at(5), at(4), true)).toBe(true);
    expect(replaces(at(5), at(1, EPOCH - 1), true)).toBe(true);
  });

  test('of before any term never replaces a held one', () => {
    expect(replaces(at(5), NO_POSITION, true)).toBe(false);
    expect(replaces(at(5), NO_POSITION, false)).toBe(false);
  });
});

describe('a patch', () => {
  test('follows only its direct predecessor', () => {
    expect(orderPatch(at(5), at(6))).toBe('next');
    expect(orderPatch(at(5), at(7))).toBe('gap');
    expect(orderPatch(at(5), at(6, EPOCH + 1))).toBe('gap');
    expect(orderPatch(null, at(6))).toBe('gap');
  });

  test('that is held already is old', () => {
    expect(orderPatch(at(5), at(5))).toBe('old');
    expect(orderPatch(at(5), at(4))).toBe('old');
    expect(orderPatch(at(5), at(6, EPOCH - 1))).toBe('old');
  });
});
