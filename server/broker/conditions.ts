/** What keeps this node from its best: set by whoever knows, told on by the broker. */

import { DEGRADED, type Degraded } from '../../contract/index.ts';

/** A condition that lasts; `figures_stale` is judged by whoever shows figures. */
export type Condition = Exclude<Degraded, 'figures_stale'>;

/** The conditions of one node. */
export interface Conditions {
  /** In the order of {@link DEGRADED}. */
  list(): readonly Condition[];
  has(condition: Condition): boolean;
  set(condition: Condition, holds: boolean): void;
  /** Called after every change. @returns a function that ends it */
  subscribe(listener: () => void): () => void;
}

/** None holds at first. */
export function createConditions(): Conditions {
  const holding = new Set<Condition>();
  const listeners = new Set<() => void>();
  return {
    list: () => DEGRADED.filter((name) => name !== 'figures_stale').filter((c) => holding.has(c)),
    has: (condition) => holding.has(condition),
    set(condition, holds) {
      if (holding.has(condition) === holds) return;
      if (holds) holding.add(condition);
      else holding.delete(condition);
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
