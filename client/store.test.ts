import { describe, expect, spyOn, test } from 'bun:test';
import { NO_POSITION } from '../contract/position.ts';
import type { Snapshot } from './snapshot.ts';
import { createStore } from './store.ts';
import { at, documentAt } from './testing/documents.ts';

const FIRST: Snapshot = {
  document: null,
  position: NO_POSITION,
  link: { state: 'connecting' },
  clockOffsetMs: null,
  degraded: [],
  appVersion: null,
};

describe('the store', () => {
  test('gives a listener the snapshot at once and after every change', () => {
    const store = createStore(FIRST);
    const seen: (string | null)[] = [];
    store.subscribe(({ appVersion }) => seen.push(appVersion));
    store.update({ appVersion: '1' });
    store.update({ appVersion: '2' });
    expect(seen).toEqual([null, '1', '2']);
    expect(FIRST.appVersion).toBeNull();
  });

  test('says nothing when nothing is different, and keeps the identity of equal parts', () => {
    const store = createStore({ ...FIRST, document: documentAt(5), position: at(1) });
    let calls = 0;
    store.subscribe(() => calls++);
    const before = store.current();
    store.update({ document: documentAt(5), position: at(1), degraded: [] });
    expect(store.current()).toBe(before);
    expect(calls).toBe(1);

    store.update({ document: documentAt(5), position: at(2), link: { state: 'live' } });
    expect(store.current().document).toBe(before.document);
    expect(store.current().degraded).toBe(before.degraded);
    expect(store.current().position).toEqual(at(2));
    expect(calls).toBe(2);
  });

  test('forgets a listener that was taken away, even by another one in the same round', () => {
    const store = createStore(FIRST);
    const seen: string[] = [];
    let takeAway = () => {};
    store.subscribe(() => takeAway());
    const stop = store.subscribe(() => seen.push('second'));
    takeAway = stop;
    store.update({ appVersion: '1' });
    expect(seen).toEqual(['second']);
  });

  test('tells a listener that comes during a round', () => {
    const store = createStore(FIRST);
    const seen: (string | null)[] = [];
    let isNew = true;
    store.subscribe(({ appVersion }) => {
      if (appVersion === null || !isNew) return;
      isNew = false;
      store.subscribe((late) => seen.push(late.appVersion));
    });
    store.update({ appVersion: '1' });
    store.update({ appVersion: '2' });
    expect(seen[0]).toBe('1');
    expect(seen.at(-1)).toBe('2');
  });

  test('reports a listener that throws as uncaught, and tells the others all the same', () => {
    const store = createStore(FIRST);
    const seen: (string | null)[] = [];
    let isArmed = false;
    store.subscribe(() => {
      if (isArmed) throw new Error('a mistake in a listener');
    });
    store.subscribe(({ appVersion }) => seen.push(appVersion));
    isArmed = true;

    const later: (() => void)[] = [];
    const queue = spyOn(globalThis, 'queueMicrotask').mockImplementation((run) => {
      later.push(run);
    });
    store.update({ appVersion: '1' });
    queue.mockRestore();
    expect(seen).toEqual([null, '1']);
    expect(later).toHaveLength(1);
    expect(later[0]).toThrow('a mistake in a listener');
  });
});
