/** The kept rows, with word of every change: answers that were rendered of them are made anew, other nodes told. */

import type { CandleRow, HistoryRows, SampleRow } from '../store/history-rows.ts';

/** Hears what was new or took another's place; must not throw. */
export interface RowsListener {
  samples(rows: readonly SampleRow[]): void;
  candles(rows: readonly CandleRow[]): void;
}

/** Kept rows that tell of their changes. */
export interface WatchedRows extends HistoryRows {
  /** @returns a function that ends it */
  watch(listener: RowsListener): () => void;
}

/** Everybody who keeps rows does it through here. */
export function watchRows(rows: HistoryRows): WatchedRows {
  const listeners = new Set<RowsListener>();
  return {
    ...rows,
    keepSamples(sent, keeps) {
      const kept = rows.keepSamples(sent, keeps);
      if (kept.length > 0) for (const listener of listeners) listener.samples(kept);
      return kept;
    },
    keepCandles(sent) {
      const kept = rows.keepCandles(sent);
      if (kept.length > 0) for (const listener of listeners) listener.candles(kept);
      return kept;
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
