/** Deletes rows of the history that are over, along the keys: what is not deleted is not read. */

import type { Database } from 'bun:sqlite';
import { readSeries } from './sample-rows.ts';

/** What lies before a moment, and what lies at and after another. */
const SIDES = ['time < ?', 'time >= ?'] as const;

/** @see HistoryRows.drop */
export function dropRows(
  on: Database,
  intervalS: number,
  beforeS: number,
  fromS: number,
  limit: number,
): number {
  const bounds = [beforeS, fromS];
  let left = limit;
  const drop = on.transaction(() => {
    for (const [index, side] of SIDES.entries()) {
      const bound = bounds[index] ?? 0;
      for (const series of readSeries(on)) {
        left -= on
          .query<unknown, [string, number, number, number]>(
            `DELETE FROM sample WHERE series = ?1 AND interval_s = ?2 AND time IN (
               SELECT time FROM sample
               WHERE series = ?1 AND interval_s = ?2 AND ${side}3 ORDER BY time LIMIT ?4)`,
          )
          .run(series, intervalS, bound, left).changes;
      }
      left -= on
        .query<unknown, [number, number, number]>(
          `DELETE FROM candle WHERE (interval_s, time, source) IN (
             SELECT interval_s, time, source FROM candle
             WHERE interval_s = ?1 AND ${side}2 ORDER BY time LIMIT ?3)`,
        )
        .run(intervalS, bound, left).changes;
    }
  });
  drop.immediate();
  return limit - left;
}
