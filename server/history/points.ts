/** Points of a kept series over a range: what the samples of its tier say, interval by interval. */

import { HISTORY_RANGES, type HistoryRange, type SourceId } from '../../contract/index.ts';
import type { HistoryRows, SampleRow } from '../store/history-rows.ts';
import { ruleOf } from './series.ts';
import { hasCome } from './sound-row.ts';
import { bucketOf, TIERS } from './tiers.ts';

/** One row of an answer, and whose it is. */
export interface Point {
  /** The interval's beginning, seconds since 1970. */
  readonly time: number;
  /** `null` only where a column of several has none. */
  readonly values: readonly (number | null)[];
  /** Whose the values are, the newest first; one but for rows of several coins. */
  readonly sources: readonly SourceId[];
  /** The newest value's own time, seconds since 1970. */
  readonly asOfS: number;
}

/** Which intervals an answer covers; seconds, and seconds since 1970. */
export interface Window {
  readonly intervalS: number;
  /** Where the oldest interval begins. */
  readonly fromS: number;
  /** Where the newest, which has not ended, ends. */
  readonly toS: number;
  /** Now. */
  readonly nowS: number;
}

/** The newest intervals of a range, the open one included. */
export function windowOf(range: HistoryRange, nowS: number): Window {
  const { durationS, intervalS } = HISTORY_RANGES[range];
  const toS = bucketOf(nowS, intervalS) + intervalS;
  return { intervalS, fromS: toS - durationS, toS, nowS };
}

/** The tier that intervals of this length are answered from: its own, else the coarsest that is finer. */
export const tierIntervalOf = (intervalS: number): number =>
  TIERS.findLast((tier) => tier.intervalS <= intervalS)?.intervalS ?? intervalS;

/** A kept series' sample in each interval, oldest first; none where nothing was read. */
export function samplesIn(
  rows: Pick<HistoryRows, 'samples'>,
  series: string,
  window: Window,
): ReadonlyMap<number, SampleRow> {
  const { intervalS, fromS, toS, nowS } = window;
  const found = new Map<number, SampleRow>();
  const rule = ruleOf(series);
  if (rule === null) return found;
  const tierS = Math.max(rule.finestS, tierIntervalOf(intervalS));
  for (const row of rows.samples({ series, intervalS: tierS, fromS, toS })) {
    // A day's value stands at its stamp, also among shorter intervals.
    const time = bucketOf(row.time, intervalS);
    const isAnswered = rule.keeps === 'last' || !found.has(time);
    if (isAnswered && hasCome(row, nowS)) found.set(time, row);
  }
  return found;
}

/** @see samplesIn */
export const samplePoints = (
  rows: Pick<HistoryRows, 'samples'>,
  series: string,
  window: Window,
): readonly Point[] =>
  [...samplesIn(rows, series, window)].map(([time, { value, source, asOfS }]) => ({
    time,
    values: [value],
    sources: [source],
    asOfS,
  }));

/** Prices of several coins beside each other: a row wherever there is one of any. */
export function sparklinePoints(
  rows: Pick<HistoryRows, 'samples'>,
  series: readonly string[],
  window: Window,
): readonly Point[] {
  const columns = series.map((one) => samplesIn(rows, one, window));
  const times = new Set(columns.flatMap((column) => [...column.keys()]));
  return [...times]
    .toSorted((a, b) => a - b)
    .map((time) => {
      const samples = columns.map((column) => column.get(time) ?? null);
      const known = samples.flatMap((sample) => sample ?? []).toSorted((a, b) => b.asOfS - a.asOfS);
      return {
        time,
        values: samples.map((sample) => sample?.value ?? null),
        sources: known.map(({ source }) => source),
        asOfS: known[0]?.asOfS ?? time,
      };
    });
}
