import { describe, expect, test } from 'bun:test';
import { effect, signal } from '@preact/signals';
import { same, settled } from './same.ts';

describe('same', () => {
  test('compares what is said, not who says it', () => {
    expect(same({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true);
    expect(same({ a: 1 }, { a: 2 })).toBe(false);
    expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(false);
    expect(same([], {})).toBe(false);
    expect(same(null, {})).toBe(false);
    expect(same(Number.NaN, Number.NaN)).toBe(true);
  });
});

describe('settled', () => {
  test('wakes nobody while the new value says the same', () => {
    const source = signal({ price: 1, other: 1 });
    const price = settled(() => ({ price: source.value.price }));
    const seen: number[] = [];
    const stop = effect(() => {
      seen.push(price.value.price);
    });
    source.value = { price: 1, other: 2 };
    source.value = { price: 2, other: 2 };
    stop();
    expect(seen).toEqual([1, 2]);
  });
});
