/** What was shown at which position, by everybody who watches: two documents at one position must never be. */

import type { Position } from '../contract/index.ts';

/** A book of positions. */
export interface PositionBook {
  /** Somebody was shown this document at this position. */
  note(position: Position, document: unknown): void;
  /** Positions in the book. */
  size(): number;
  /** Positions with more than one document, as `epoch-seq`. */
  doubled(): readonly string[];
}

/** Keeps one number a document. The order of keys does not count: a patch may add them in another one. */
export function createPositionBook(): PositionBook {
  const digests = new Map<string, number | bigint>();
  const doubled = new Set<string>();
  return {
    note({ epoch, seq }, document) {
      const name = `${epoch}-${seq}`;
      const digest = Bun.hash(JSON.stringify(document, withSortedKeys));
      if ((digests.get(name) ?? digest) !== digest) doubled.add(name);
      digests.set(name, digest);
    },
    size: () => digests.size,
    doubled: () => [...doubled],
  };
}

const withSortedKeys = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
