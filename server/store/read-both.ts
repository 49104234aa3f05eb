/** Reads a file's tables together with those beside it, whose rows stand in the places of the file's. */

import type { Tables } from './tables.ts';

/** What reads. */
export type Reading = Pick<
  Tables,
  'loadDocument' | 'loadBudgets' | 'samples' | 'candles' | 'series'
>;

/** @param besideNow what is beside the file at the moment; `null` when nothing is */
export function readBoth(file: Reading, besideNow: () => Reading | null): Reading {
  const both = <Row>(
    read: (on: Reading) => readonly Row[],
    keyOf: (row: Row) => string,
    compare?: (a: Row, b: Row) => number,
  ): readonly Row[] => {
    const beside = besideNow();
    if (beside === null) return read(file);
    const later = new Map(read(beside).map((row) => [keyOf(row), row]));
    const rows = [...read(file).filter((row) => !later.has(keyOf(row))), ...later.values()];
    return compare ? rows.sort(compare) : rows;
  };
  return {
    loadDocument: () => besideNow()?.loadDocument() ?? file.loadDocument(),
    loadBudgets: () =>
      both(
        (on) => on.loadBudgets(),
        ({ upstream, day }) => `${upstream} ${day}`,
      ),
    samples: (span) =>
      both(
        (on) => on.samples(span),
        ({ time }) => `${time}`,
        (a, b) => a.time - b.time,
      ),
    candles: (span) =>
      both(
        (on) => on.candles(span),
        ({ time, source }) => `${time} ${source}`,
        // Those of one time are all beside when one of them is.
        (a, b) => a.time - b.time,
      ),
    series: () => both((on) => on.series(), String, inOrder),
  };
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
