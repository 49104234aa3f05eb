/** The tables of the history: who takes whose place is decided in the statement, so that it never depends on the order. */

import type { Database } from 'bun:sqlite';
import type { CandleRow, CandleSpan, Keeps, SampleRow, SampleSpan } from './history-rows.ts';

/** @see HistoryRows.samples */
export const readSamples = (on: Database, span: SampleSpan): readonly SampleRow[] =>
  on
    .query<SampleRow, [string, number, number, number]>(
      `SELECT series, interval_s AS intervalS, time, value, source, as_of_s AS asOfS FROM sample
       WHERE series = ?1 AND interval_s = ?2 AND time >= ?3 AND time < ?4 ORDER BY time`,
    )
    .all(span.series, span.intervalS, span.fromS, span.toS);

/** @see HistoryRows.candles */
export const readCandles = (on: Database, span: CandleSpan): readonly CandleRow[] =>
  on
    .query<CandleRow, [number, number, number]>(
      `SELECT interval_s AS intervalS, time, open, high, low, close, volume, source, as_of_s AS asOfS FROM candle
       WHERE interval_s = ?1 AND time >= ?2 AND time < ?3 ORDER BY time, source`,
    )
    .all(span.intervalS, span.fromS, span.toS);

/** @see HistoryRows.keepSamples */
export function keepSamples(
  on: Database,
  rows: readonly SampleRow[],
  keeps: Keeps,
): readonly SampleRow[] {
  const isNewer = keeps === 'last' ? '>' : '<';
  const statement = on.query<unknown, [string, number, number, number, string, number]>(
    `INSERT INTO sample (series, interval_s, time, value, source, as_of_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (series, interval_s, time) DO UPDATE SET value = ?4, source = ?5, as_of_s = ?6
     WHERE (?6, ?5, ?4) ${isNewer} (as_of_s, source, value)`,
  );
  const keepAll = on.transaction(() =>
    rows.filter(
      ({ series, intervalS, time, value, source, asOfS }) =>
        statement.run(series, intervalS, time, value, source, asOfS).changes > 0,
    ),
  );
  return keepAll();
}

/** @see HistoryRows.keepCandles */
export function keepCandles(on: Database, rows: readonly CandleRow[]): readonly CandleRow[] {
  const statement = on.query<
    unknown,
    [number, number, string, number, number, number, number, number, number]
  >(
    `INSERT INTO candle (interval_s, time, source, open, high, low, close, volume, as_of_s)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
     ON CONFLICT (interval_s, time, source)
     DO UPDATE SET open = ?4, high = ?5, low = ?6, close = ?7, volume = ?8, as_of_s = ?9
     WHERE (?9, ?8, ?7, ?6, ?5, ?4) > (as_of_s, volume, close, low, high, open)`,
  );
  const keepAll = on.transaction(() =>
    rows.filter(
      ({ intervalS, time, source, open, high, low, close, volume, asOfS }) =>
        statement.run(intervalS, time, source, open, high, low, close, volume, asOfS).changes > 0,
    ),
  );
  return keepAll();
}

/** @see HistoryRows.series */
export const readSeries = (on: Database): readonly string[] =>
  on
    .query<{ series: string }, []>('SELECT DISTINCT series FROM sample ORDER BY series')
    .all()
    .map(({ series }) => series);

/** @see HistoryRows.drop */
export function dropRows(
  on: Database,
  intervalS: number,
  beforeS: number,
  fromS: number,
  limit: number,
): number {
  const drop = on.transaction(() => {
    const samples = on
      .query<unknown, [number, number, number, number]>(
        `DELETE FROM sample WHERE (series, interval_s, time) IN (
           SELECT series, interval_s, time FROM sample
           WHERE interval_s = ?1 AND (time < ?2 OR time >= ?3) ORDER BY time LIMIT ?4)`,
      )
      .run(intervalS, beforeS, fromS, limit).changes;
    const candles = on
      .query<unknown, [number, number, number, number]>(
        `DELETE FROM candle WHERE (interval_s, time, source) IN (
           SELECT interval_s, time, source FROM candle
           WHERE interval_s = ?1 AND (time < ?2 OR time >= ?3) ORDER BY time LIMIT ?4)`,
      )
      .run(intervalS, beforeS, fromS, limit - samples).changes;
    return samples + candles;
  });
  return drop();
}
