/** What is stored of upstreams: a row for each of the days on which an upstream was called last. */

import type { Database } from 'bun:sqlite';
import { SOURCE_IDS } from '../../contract/index.ts';
import type { BudgetId, StoredBudget } from './store.ts';

/** So many days are kept of an upstream: more than one, since a wall clock may be wrong for some days and come back. */
const KEPT_DAYS = 8;

const BUDGET_IDS: readonly BudgetId[] = SOURCE_IDS.flatMap((id) => [id, `${id}:stream` as const]);

/** So many rows are read: all that there can be, unless somebody else has written. */
const MAX_ROWS = KEPT_DAYS * BUDGET_IDS.length;

/** More calls than a process can make in a month: it was not counted. */
const MAX_CALLS = 1e9;

/** The last moment that has a date, ms since 1970. */
const MAX_TIME_MS = 8.64e15;

interface Row {
  readonly upstream: string;
  readonly day: string;
  readonly today: number;
  readonly this_month: number;
  readonly paused_until_ms: number;
  readonly saved_at_ms: number;
  readonly last_minute: number;
}

/** Those that can be true, saved last at the end. */
export function loadBudgets(on: Database): readonly StoredBudget[] {
  const rows = on
    .query<Row, [number]>('SELECT * FROM budget ORDER BY rowid DESC LIMIT ?1')
    .all(MAX_ROWS);
  return rows.reverse().flatMap((row) => readRow(row) ?? []);
}

/** Replaces the row of that day, which makes it the last; what is too many goes. */
export function saveBudget(on: Database, budget: StoredBudget): void {
  const { upstream, day, today, thisMonth, lastMinute, pausedUntilMs, savedAtMs } = budget;
  on.transaction(() => {
    on.query('INSERT OR REPLACE INTO budget VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)').run(
      ...[upstream, day],
      ...[today, thisMonth, Math.ceil(pausedUntilMs), Math.floor(savedAtMs), lastMinute],
    );
    on.query(
      `DELETE FROM budget WHERE upstream = ?1 AND rowid NOT IN
         (SELECT rowid FROM budget WHERE upstream = ?1 ORDER BY rowid DESC LIMIT ?2)`,
    ).run(upstream, KEPT_DAYS);
  })();
}

function readRow(row: Row): StoredBudget | null {
  const upstream = BUDGET_IDS.find((id) => id === row.upstream);
  const { day, today, this_month, last_minute, paused_until_ms, saved_at_ms } = row;
  const counts = [today, this_month, last_minute];
  const areCounts = counts.every((calls) => calls >= 0 && calls <= MAX_CALLS);
  const areTimes = [paused_until_ms, saved_at_ms].every((ms) => Math.abs(ms) <= MAX_TIME_MS);
  if (upstream === undefined || !isDay(day) || !areCounts || today > this_month || !areTimes) {
    return null;
  }
  return {
    ...{ upstream, day, today },
    thisMonth: this_month,
    lastMinute: last_minute,
    pausedUntilMs: paused_until_ms,
    savedAtMs: saved_at_ms,
  };
}

function isDay(text: string): boolean {
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(atMs) && new Date(atMs).toISOString().startsWith(`${text}T`);
}
