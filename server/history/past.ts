/** What upstreams know of the past, as history asks them for it. */

import type { SourceId } from '../../contract/index.ts';

/** A coin's candles that are wanted, from `fromS` on and before `toS`: whole intervals, seconds since 1970. */
export interface CandleSpanWanted {
  readonly kind: 'candles';
  readonly symbol: string;
  /** 300 stands for the finest that an exchange has: its minutes, or its own five minutes. */
  readonly intervalS: 300 | 3600 | 86_400;
  readonly fromS: number;
  readonly toS: number;
  /** Who has told of it already, and is left out. */
  readonly not?: readonly SourceId[];
}

/** The whole Fear & Greed index. */
export interface IndexWanted {
  readonly kind: 'fng';
}

/** What can be wanted of the past. */
export type Wanted = CandleSpanWanted | IndexWanted;

/** One candle of a coin, prices in US dollars. */
export interface PastCandle {
  /** When it opened, seconds since 1970. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In the coin itself. */
  readonly volume: number;
}

/** A page of a coin's candles. */
export interface CandleAnswer {
  readonly kind: 'candles';
  readonly source: SourceId;
  readonly symbol: string;
  /** Of the candles: 60, 300, 3600 or 86 400. */
  readonly intervalS: number;
  /** What was asked for, the newest part of what was wanted: of this the upstream has no other candles. */
  readonly fromS: number;
  readonly toS: number;
  /** Oldest first; the last one may be open. */
  readonly candles: readonly PastCandle[];
  /** When it was answered, seconds since 1970, whole. */
  readonly receivedAtS: number;
}

/** What an upstream answered to something that was wanted. */
export type PastAnswer =
  | CandleAnswer
  | {
      readonly kind: 'fng';
      readonly source: SourceId;
      /** Oldest first; seconds since 1970, 00:00 UTC. */
      readonly days: readonly { readonly time: number; readonly value: number }[];
    };

/**
 * Who asks the upstreams. Duties:
 * - asks the best one that has what is wanted, the next when it fails, each within what it allows;
 * - never rejects; settles within some seconds (minutes, where many nodes share what upstreams allow), or never once the
 *   term is over.
 */
export interface PastDesk {
  /** @returns what was answered, often a part of what was wanted; `null` when nobody did, `unknown` when nobody has it */
  ask(wanted: Wanted): Promise<PastAnswer | 'unknown' | null>;
}
