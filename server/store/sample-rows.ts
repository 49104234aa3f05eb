/** The table of samples: who takes whose place depends on the rows alone, never on the order they come in. */

import type { Database } from 'bun:sqlite';
import { checksumOf } from './checksum.ts';
import { compareSamples, type Keeps, type SampleRow, type SampleSpan } from './history-rows.ts';
import { isSeries, isTrueSample } from './row-truth.ts';

/** A row as it lies in the table. */
interface Stored extends SampleRow {
  readonly sum: number;
}

const COLUMNS = 'series, interval_s AS intervalS, time, value, source, as_of_s AS asOfS, sum';

/** @see HistoryRows.samples */
export const readSamples = (on: Database, span: SampleSpan): readonly SampleRow[] =>
  on
    .query<Stored, [string, number, number, number]>(
      `SELECT ${COLUMNS} FROM sample
       WHERE series = ?1 AND interval_s = ?2 AND time >= ?3 AND time < ?4 ORDER BY time`,
    )
    .all(span.series, span.intervalS, span.fromS, span.toS)
    .flatMap((stored) => trueRow(stored) ?? []);

/** @see HistoryRows.keepSamples */
export function keepSamples(
  on: Database,
  rows: readonly SampleRow[],
  keeps: Keeps,
): readonly SampleRow[] {
  const find = on.query<Stored, [string, number, number]>(
    `SELECT ${COLUMNS} FROM sample WHERE series = ?1 AND interval_s = ?2 AND time = ?3`,
  );
  const put = on.query<unknown, [string, number, number, number, string, number, number]>(
    'INSERT OR REPLACE INTO sample VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)',
  );
  const isKept = (row: SampleRow): boolean => {
    if (!isTrueSample(row)) return false;
    const stored = find.get(row.series, row.intervalS, row.time);
    // A row that cannot be true is in nobody's way.
    const held = stored && trueRow(stored);
    if (held && compareSamples(row, held, keeps) <= 0) return false;
    const { series, intervalS, time, value, source, asOfS } = row;
    put.run(series, intervalS, time, value, source, asOfS, sumOf(row));
    return true;
  };
  return on.transaction(() => rows.filter(isKept)).immediate();
}

/** @see HistoryRows.series */
export const readSeries = (on: Database): readonly string[] =>
  on
    .query<{ series: unknown }, []>(
      // From name to name along the key; DISTINCT would read every row.
      `WITH RECURSIVE name (series) AS (
         SELECT min(series) FROM sample
         UNION ALL
         SELECT (SELECT min(series) FROM sample WHERE sample.series > name.series) FROM name
         WHERE name.series IS NOT NULL)
       SELECT series FROM name WHERE series IS NOT NULL`,
    )
    .all()
    .flatMap(({ series }) => (isSeries(series) ? series : []));

function trueRow({ sum, ...row }: Stored): SampleRow | null {
  return isTrueSample(row) && sum === sumOf(row) ? row : null;
}

const sumOf = ({ series, intervalS, time, value, source, asOfS }: SampleRow): number =>
  checksumOf([series, intervalS, time, value, source, asOfS]);
