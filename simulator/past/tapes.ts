/** The tapes of all coins: what each one's price was, on every exchange, since the market was switched on. */

import type { DayCandle } from '../candles.ts';
import type { Offsets } from '../ticker.ts';
import type { CoinPast } from './past.ts';
import { createTape } from './tape.ts';

/** A price whose past is kept. */
export interface TapedPrice {
  /** Oldest first. */
  days(): readonly DayCandle[];
  today(): DayCandle;
}

/** See {@link createTapes}. */
export interface Tapes {
  /** Something may have been traded. */
  note(nowMs: number): void;
  /** From now on the exchanges' prices are off the market's by so much. */
  setOffsets(offsets: Offsets, nowMs: number): void;
  /** All that is known of a coin now; `null` for one that nobody trades. */
  past(symbol: string, nowMs: number): CoinPast | null;
}

/** @param prices by symbol */
export function createTapes(startMs: number, prices: ReadonlyMap<string, TapedPrice>): Tapes {
  let offsets: Offsets = { binance: 0, coinbase: 0, kraken: 0 };
  const tapes = new Map(
    [...prices].map(([symbol, price]) => {
      const tape = createTape(startMs, price.today(), offsets);
      return [symbol, { price, tape }] as const;
    }),
  );
  const note = (nowMs: number) => {
    for (const { price, tape } of tapes.values()) tape.note(nowMs, price.today(), offsets);
  };
  return {
    note,
    setOffsets(next, nowMs) {
      offsets = next;
      note(nowMs);
    },
    past(symbol, nowMs) {
      const { price, tape } = tapes.get(symbol) ?? {};
      if (!price || !tape) return null;
      // A clock that was set back stands where something else was noted.
      tape.note(nowMs, price.today(), offsets);
      return { symbol, days: price.days(), tape };
    },
  };
}
