/** Who is told what happens to a lease. */

import type { LeaseEvent } from './lease.ts';

/** The listeners of one lease. */
export interface LeaseListeners {
  /**
   * Tells all of them, also after one has thrown.
   * @throws what the first of them has thrown, when all are told
   */
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
      const failures: unknown[] = [];
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    clear: () => listeners.clear(),
  };
}
