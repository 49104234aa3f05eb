/** What is kept for the charts: samples of figures and exchanges' candles, by interval. */

import { SOURCE_IDS, type SourceId } from '../../contract/index.ts';

/** A figure in one interval. */
export interface SampleRow {
  /** `coin:<SYMBOL>`, `market_cap`, `volume_24h`, `btc_dominance` or `fng`. */
  readonly series: string;
  /** Length of the interval, seconds. */
  readonly intervalS: number;
  /** The interval's beginning, seconds since 1970; a multiple of `intervalS`. */
  readonly time: number;
  readonly value: number;
  readonly source: SourceId;
  /** The value's own time, seconds since 1970: in the interval, or its end. */
  readonly asOfS: number;
}

/** An exchange's BTC candle: prices in US dollars, volume in BTC. */
export interface CandleRow {
  /** Length of the candle, seconds. */
  readonly intervalS: number;
  /** When it opened, seconds since 1970; a multiple of `intervalS`. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly source: SourceId;
  /** Up to when it is known, seconds since 1970: its end (`time + intervalS`), or earlier while it was open. */
  readonly asOfS: number;
}

/** The rows of one series and interval from `fromS` on, before `toS`; both in seconds since 1970. */
export interface SampleSpan {
  readonly series: string;
  readonly intervalS: number;
  readonly fromS: number;
  readonly toS: number;
}

/** The candles of one interval, of every exchange. */
export type CandleSpan = Omit<SampleSpan, 'series'>;

/** Which of two samples of one interval is kept: that of the earlier moment, or that of the later. */
export type Keeps = 'first' | 'last';

/** What decides between two samples of one place. */
type Deciding = Pick<SampleRow, 'value' | 'source' | 'asOfS'>;

/**
 * Which of two samples of one place is kept: that of the earlier or later moment; of one moment, e.g. the closes of two
 * exchanges, that of the source that stands first among {@link SOURCE_IDS}; of one source the smaller value with `first`,
 * the greater with `last`.
 * @returns > 0 for the first of them, < 0 for the second, 0 where they are the same
 */
export function compareSamples(one: Deciding, other: Deciding, keeps: Keeps): number {
  const sign = keeps === 'last' ? 1 : -1;
  return (
    sign * (one.asOfS - other.asOfS) ||
    SOURCE_IDS.indexOf(other.source) - SOURCE_IDS.indexOf(one.source) ||
    sign * (one.value - other.value)
  );
}

/**
 * Rows that outlive the process. Duties:
 * - what is kept of two rows for one place (series, interval, time; of candles also the source) depends on the rows alone,
 *   never on which came first or how often: of samples see {@link compareSamples}; of candles the one with the greater
 *   `asOfS`, then with the greater values. So nodes that tell each other everything end with the same;
 * - a row that cannot be true is neither kept nor answered, and in no other's way: a number that is none, a time that is no
 *   multiple of the interval, an own time outside of it, a source nobody knows, one that was changed since it was written;
 * - each call is one transaction: all of it is kept, or nothing;
 * - what is read was written whole, with values as they were given;
 * - no call throws: a failure moves the store into memory, with the rows that could still be read.
 */
export interface HistoryRows {
  /** Oldest first. */
  samples(span: SampleSpan): readonly SampleRow[];
  /** Oldest first; of one time in the order of the sources' names. */
  candles(span: CandleSpan): readonly CandleRow[];
  /** @returns those that were new or took another's place */
  keepSamples(rows: readonly SampleRow[], keeps: Keeps): readonly SampleRow[];
  /** @returns as above */
  keepCandles(rows: readonly CandleRow[]): readonly CandleRow[];
  /** Every series that has samples. */
  series(): readonly string[];
  /**
   * Deletes samples and candles of an interval that lie before a moment or at and after another; of each series, and of
   * the candles, the oldest first.
   * @param limit rows at most: what one call may take
   * @returns how many there were; less than `limit` when nothing is left to delete, or somebody else has locked the file
   */
  drop(intervalS: number, beforeS: number, fromS: number, limit: number): number;
}
