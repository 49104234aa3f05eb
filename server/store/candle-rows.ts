/** The table of candles: who takes whose place depends on the rows alone, never on the order they come in. */

import type { Database } from 'bun:sqlite';
import { checksumOf } from './checksum.ts';
import type { CandleRow, CandleSpan } from './history-rows.ts';
import { isTrueCandle } from './row-truth.ts';

/** A row as it lies in the table. */
interface Stored extends CandleRow {
  readonly sum: number;
}

const COLUMNS =
  'interval_s AS intervalS, time, source, open, high, low, close, volume, as_of_s AS asOfS, sum';

/** @see HistoryRows.candles */
export const readCandles = (on: Database, span: CandleSpan): readonly CandleRow[] =>
  on
    .query<Stored, [number, number, number]>(
      `SELECT ${COLUMNS} FROM candle
       WHERE interval_s = ?1 AND time >= ?2 AND time < ?3 ORDER BY time, source`,
    )
    .all(span.intervalS, span.fromS, span.toS)
    .flatMap((stored) => trueRow(stored) ?? []);

/** @see HistoryRows.keepCandles */
export function keepCandles(on: Database, rows: readonly CandleRow[]): readonly CandleRow[] {
  const find = on.query<Stored, [number, number, string]>(
    `SELECT ${COLUMNS} FROM candle WHERE interval_s = ?1 AND time = ?2 AND source = ?3`,
  );
  type Numbers = [number, number, number, number, number, number, number];
  const put = on.query<unknown, [number, number, string, ...Numbers]>(
    'INSERT OR REPLACE INTO candle VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)',
  );
  const isKept = (row: CandleRow): boolean => {
    if (!isTrueCandle(row)) return false;
    const stored = find.get(row.intervalS, row.time, row.source);
    // A row that cannot be true is in nobody's way.
    const held = stored && trueRow(stored);
    if (held && compareCandles(row, held) <= 0) return false;
    const { intervalS, time, source, open, high, low, close, volume, asOfS } = row;
    put.run(intervalS, time, source, open, high, low, close, volume, asOfS, sumOf(row));
    return true;
  };
  return on.transaction(() => rows.filter(isKept)).immediate();
}

/** What decides between two candles of one place, the first first: of two that are known equally far, more was traded in the later. */
const DECIDING = ['asOfS', 'volume', 'close', 'low', 'high', 'open'] as const;

/** Of two candles of one place: > 0 when the first is the later. */
function compareCandles(a: CandleRow, b: CandleRow): number {
  for (const key of DECIDING) if (a[key] !== b[key]) return a[key] - b[key];
  return 0;
}

function trueRow({ sum, ...row }: Stored): CandleRow | null {
  return isTrueCandle(row) && sum === sumOf(row) ? row : null;
}

const sumOf = (row: CandleRow): number =>
  checksumOf([row.intervalS, row.time, row.source, ...DECIDING.map((key) => row[key])]);
