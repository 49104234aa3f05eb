/** Who is told what happens to a lease. */

import type { LeaseEvent } from './lease.ts';

/** The listeners of one lease. */
export interface LeaseListeners {
  tell(event: LeaseEvent): void;
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: LeaseEvent) => void): () => void;
  /** Ends every subscription. */
  clear(): void;
}

/** @see LeaseListeners */
export function createLeaseListeners(): LeaseListeners {
  const listeners = new Set<(event: LeaseEvent) => void>();
  return {
    tell(event) {
      for (const listener of [...listeners]) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    clear: () => listeners.clear(),
  };
}
