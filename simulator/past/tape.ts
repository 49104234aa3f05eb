/** What a coin's price was since the market was switched on, minute by minute. */

import { type Candle, DAY_MS, type DayCandle, startOfDay, traded, untraded } from '../candles.ts';
import type { Offsets } from '../ticker.ts';

/** A minute, or the part of one in which no exchange's offset changed. Prices are the market's. */
export interface Piece extends Candle {
  /** What each exchange's prices were off the market's. */
  readonly offsets: Offsets;
}

/** See {@link createTape}. */
export interface Tape {
  /** When it begins, ms since 1970. */
  readonly startMs: number;
  /** The day of its beginning, as it stood then. */
  readonly morning: DayCandle;
  /** What is older is not known from here any more: 00:00 UTC of a day, ms since 1970. */
  sinceMs(): number;
  /** @param today as it stands now; what it has more than when it was noted last has just been traded */
  note(nowMs: number, today: DayCandle, offsets: Offsets): void;
  /** Oldest first: those that lie in `fromMs` (inclusive) … `toMs`. */
  pieces(fromMs: number, toMs: number): readonly Piece[];
  /** The newest piece before `ms`; `null` when there is none. */
  lastBefore(ms: number): Piece | null;
}

export const MINUTE_MS = 60_000;

/** Days that are remembered besides today: charts of eight days at most are made of minutes. */
const MAX_DAYS = 10;
/** Offsets that change more often within a minute are taken to have changed with the last piece. */
const MAX_PIECES_A_MINUTE = 8;

export function createTape(startMs: number, morning: DayCandle, offsets: Offsets): Tape {
  let sinceMs = startOfDay(startMs);
  let noted = morning;
  const pieces: Piece[] = [];
  const forget = (nowMs: number) => {
    const keptMs = startOfDay(nowMs) - MAX_DAYS * DAY_MS;
    if (keptMs <= sinceMs) return;
    sinceMs = keptMs;
    // One is kept to say where the price stood.
    pieces.splice(0, Math.max(0, placeOf(pieces, keptMs) - 1));
  };
  const note: Tape['note'] = (nowMs, today, offsets) => {
    const price = today.close;
    const coins = today.volume - (today.openTimeMs === noted.openTimeMs ? noted.volume : 0);
    noted = today;
    const minute = Math.floor(Math.max(nowMs, startMs, sinceMs) / MINUTE_MS) * MINUTE_MS;
    // A clock that was set back: what was noted of the time to come has not happened.
    while ((pieces.at(-1)?.openTimeMs ?? minute) > minute) pieces.pop();
    const last = pieces.at(-1);
    const isFull = pieces.at(-MAX_PIECES_A_MINUTE)?.openTimeMs === minute;
    if (last?.openTimeMs === minute && (last.offsets === offsets || isFull)) {
      pieces[pieces.length - 1] = { ...traded(last, price, coins), offsets };
      return;
    }
    const piece = traded(untraded(minute, last?.close ?? price), price, coins);
    pieces.push({ ...piece, offsets });
    forget(nowMs);
  };
  note(startMs, morning, offsets);
  return {
    startMs,
    morning,
    sinceMs: () => sinceMs,
    note,
    pieces: (fromMs, toMs) =>
      pieces.slice(placeOf(pieces, Math.max(fromMs, sinceMs)), placeOf(pieces, toMs)),
    lastBefore: (ms) => pieces[placeOf(pieces, ms) - 1] ?? null,
  };
}

/** How many pieces open before `ms`. */
function placeOf(pieces: readonly Piece[], ms: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.openTimeMs ?? ms) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
