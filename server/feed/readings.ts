/** Which readings the feed takes: in range, in the order of their own connection, and of no connection that is lost. */

import { MAX_AHEAD_MS, type SourceId } from '../../contract/index.ts';
import type { Reading } from '../sources/source.ts';
import { soundReading } from './sound-reading.ts';

/** What a reading is about: `market`, `fng`, `candles`, `rsi_14_taapi`, `coin:<SYMBOL>` or `etf:<SYMBOL>`. */
export type Slot =
  | 'market'
  | 'fng'
  | 'candles'
  | 'rsi_14_taapi'
  | `coin:${string}`
  | `etf:${string}`;

/** The slot of a reading. */
export const slotOf = (reading: Reading): Slot =>
  reading.figure === 'coin' || reading.figure === 'etf'
    ? `${reading.figure}:${reading.symbol}`
    : reading.figure;

/** A reading as it is kept. */
export type Held<R extends Reading = Reading> = R & {
  /** Counts what was taken, whatever the clocks say: of two, the higher one came later. At least 1. */
  readonly arrival: number;
  /** Whether it is not live any more, however young: its connection was lost since, or its time was of a clock ahead. */
  readonly isLost: boolean;
};

/** The newest reading of every source, by slot. */
export interface LatestReadings {
  /** @returns the reading as it is kept; `null` when it was not taken */
  take(reading: Reading): Held | null;
  /** The newest reading of `source` for `slot`, if there is one. */
  get(slot: Slot, source: SourceId): Held | null;
  /** @returns whether anything that is kept came by this connection */
  lose(connection: string): boolean;
  /**
   * Loses what has a time that has not come yet: it came while this node's clock was ahead, and nobody knows when that was.
   * For good, since that time will come.
   * @param nowMs ms since 1970
   */
  loseAhead(nowMs: number): void;
  /** The `arrival` of what was taken last; 0 before the first. */
  lastArrival(): number;
}

/**
 * Lost connections whose names are remembered, so that a reading that was under way brings none of them back. Such a
 * reading comes within one turn of the event loop, and three exchanges lose no more than a few connections in a minute.
 */
const MAX_REMEMBERED = 100;

/** Starts without any reading: what was inherited is the document's business. */
export function createLatestReadings(): LatestReadings {
  const kept = new Map<string, Reading & { arrival: number; isLost: boolean }>();
  const lost = new Set<string>();
  const keyOf = (slot: Slot, source: SourceId) => `${slot} ${source}`;
  let arrivals = 0;
  return {
    take(reading) {
      if (lost.has(reading.connection)) return null;
      const sound = soundReading(reading);
      if (sound === null) return null;
      const key = keyOf(slotOf(sound), sound.source);
      const last = kept.get(key);
      if (last && isOlder(sound, last)) return null;
      arrivals += 1;
      const held = { ...sound, arrival: arrivals, isLost: false };
      kept.set(key, held);
      return held;
    },
    get: (slot, source) => kept.get(keyOf(slot, source)) ?? null,
    lose(connection) {
      lost.add(connection);
      for (const oldest of lost) {
        if (lost.size <= MAX_REMEMBERED) break;
        lost.delete(oldest);
      }
      const brought = [...kept.values()].filter((held) => held.connection === connection);
      for (const held of brought) held.isLost = true;
      return brought.length > 0;
    },
    loseAhead(nowMs) {
      for (const held of kept.values()) held.isLost ||= held.asOfMs > nowMs + MAX_AHEAD_MS;
    },
    lastArrival: () => arrivals,
  };
}

/** Order is judged only within one connection, and only by the upstream's own time; by none that is still to come. */
const isOlder = (reading: Reading, last: Reading): boolean =>
  reading.connection === last.connection &&
  reading.eventTimeMs !== null &&
  last.eventTimeMs !== null &&
  reading.eventTimeMs < last.eventTimeMs &&
  last.eventTimeMs <= reading.receivedAtMs + MAX_AHEAD_MS;
