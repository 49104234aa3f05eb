/** The intervals that rows are kept by, and for how long. */

import type { SampleRow } from '../store/history-rows.ts';

/** One of the intervals rows are kept by. */
export interface Tier {
  readonly intervalS: number;
  /** Seconds after which a row is deleted; `null` = never. */
  readonly keepS: number | null;
}

/** The finest interval that is kept, seconds. */
export const MINUTE_S = 60;
/** The interval of a day's charts, seconds: not every exchange tells its past by the minute. */
export const FIVE_MINUTES_S = 5 * MINUTE_S;
const HOUR_S = 60 * MINUTE_S;
/** Length of a UTC day, seconds. */
export const DAY_S = 24 * HOUR_S;

/** Finest first; each interval is a multiple of the one before. */
export const TIERS: readonly Tier[] = [
  { intervalS: MINUTE_S, keepS: 48 * HOUR_S },
  { intervalS: FIVE_MINUTES_S, keepS: 8 * DAY_S },
  { intervalS: HOUR_S, keepS: 90 * DAY_S },
  { intervalS: DAY_S, keepS: null },
];

/** The beginning of the interval that a moment lies in; both in seconds since 1970. */
export const bucketOf = (timeS: number, intervalS: number): number =>
  Math.floor(timeS / intervalS) * intervalS;

/**
 * A value's row in every tier from the given interval on. Each tier thus holds by itself what it needs: nothing is to be
 * summed up before a finer row may be deleted.
 * @param momentS where in time the value belongs, seconds since 1970: its own time, or for an interval's close that
 *   interval's beginning
 */
export const rowsInTiers = (
  sample: Pick<SampleRow, 'series' | 'value' | 'source' | 'asOfS'>,
  momentS: number,
  finestS: number,
): readonly SampleRow[] =>
  TIERS.filter(({ intervalS }) => intervalS >= finestS).map(({ intervalS }) => ({
    ...sample,
    intervalS,
    time: bucketOf(momentS, intervalS),
  }));
