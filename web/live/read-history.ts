/** Reads an answer of the history endpoint: a version of the server that is not the page's own may say something else. */

import {
  type HistoryBody,
  type HistoryRange,
  type HistorySeries,
  MAX_HISTORY_ROWS,
  SOURCE_IDS,
  type SourceId,
} from '../../contract/index.ts';

/** One row: the interval's beginning in seconds since 1970, then a value for each further column. */
export type HistoryRow = HistoryBody['rows'][number];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const sourceOf = (value: unknown): SourceId | null => SOURCE_IDS.find((id) => id === value) ?? null;

const isValue = (value: unknown): boolean => value === null || Number.isFinite(value);

/**
 * What can be drawn of it: the series that was asked for, few enough rows, each as wide as its columns, each later than
 * the one before.
 * @returns `null` when it is something else. Sources the page does not know are left out
 */
export function readHistory(
  said: unknown,
  series: HistorySeries,
  range: HistoryRange,
): HistoryBody | null {
  if (!isObject(said) || said.series !== series || said.range !== range) return null;
  const { interval_s, source, sources, as_of, columns, rows } = said;
  if (typeof interval_s !== 'number' || !(interval_s > 0)) return null;
  if (!Array.isArray(columns) || columns[0] !== 'time' || !columns.every(isText)) return null;
  if (!Array.isArray(rows) || rows.length > MAX_HISTORY_ROWS) return null;
  if (!areRows(rows, columns.length)) return null;
  return {
    series,
    range,
    interval_s,
    source: sourceOf(source),
    sources: Array.isArray(sources) ? SOURCE_IDS.filter((id) => sources.includes(id)) : [],
    as_of: isText(as_of) && Number.isFinite(Date.parse(as_of)) ? as_of : null,
    columns,
    rows,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';

function areRows(rows: readonly unknown[], width: number): rows is readonly HistoryRow[] {
  let previous = Number.NEGATIVE_INFINITY;
  return rows.every((row) => {
    if (!Array.isArray(row) || row.length !== width || !row.every(isValue)) return false;
    const [time] = row;
    const isLater = typeof time === 'number' && time > previous;
    previous = isLater ? time : Number.POSITIVE_INFINITY;
    return isLater;
  });
}
