/** Holds the snapshot and tells listeners when it changes. */

import type { Listener, Snapshot } from './snapshot.ts';

/** The one place where the client's state is kept. */
export interface Store {
  current(): Snapshot;
  /** Exchanges some parts; listeners hear of it, once, if any of them is different. */
  update(parts: Partial<Snapshot>): void;
  /** See `Marketcast.subscribe`. */
  subscribe(listener: Listener): () => void;
  /** Forgets the listeners. */
  close(): void;
}

/** @param first the snapshot to begin with */
export function createStore(first: Snapshot): Store {
  let current = first;
  const listeners = new Set<Listener>();
  return {
    current: () => current,
    update(parts) {
      const before = current;
      current = merged(before, parts);
      // Over the set itself: a listener that is taken away by another one is not told any more.
      if (current !== before) for (const listener of listeners) tell(listener, current);
    },
    subscribe(listener) {
      listener(current);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => listeners.clear(),
  };
}

function merged(snapshot: Snapshot, parts: Partial<Snapshot>): Snapshot {
  let next = snapshot;
  for (const key of Object.keys(parts) as (keyof Snapshot)[]) {
    // Every part is small JSON (the document is 3 kB): equality by text is cheap and knows all of them.
    if (JSON.stringify(parts[key]) !== JSON.stringify(snapshot[key])) {
      next = { ...next, [key]: parts[key] };
    }
  }
  return next;
}

function tell(listener: Listener, snapshot: Snapshot): void {
  try {
    listener(snapshot);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
