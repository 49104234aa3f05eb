/** Equality by content, so that a signal is silent when nothing it stands for has changed. */

import { computed, type ReadonlySignal } from '@preact/signals';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Whether two plain values (as JSON knows them) say the same. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

/** A computed signal that keeps its old value, and so wakes nobody, while the new one says the same. */
export function settled<T>(compute: () => T): ReadonlySignal<T> {
  let held: { readonly value: T } | null = null;
  return computed(() => {
    const value = compute();
    if (held === null || !same(held.value, value)) held = { value };
    return held.value;
  });
}
