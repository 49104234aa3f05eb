/** Recorded candles of any exchange on one timeline: the days that a route serves, and what else was recorded of the pair. */

import { areDaily, toToday } from './daily-rows.ts';
import type { Recording, Serving } from './recording.ts';

/** One candle of a recording. */
export interface RecordedCandle<Row> {
  readonly openMs: number;
  /** As it was recorded. */
  readonly row: Row;
}

/** How an exchange writes candles. */
export interface CandleFormat<Row> {
  /** Oldest first; empty when the recording holds none of our pair. */
  read(recording: Recording): readonly RecordedCandle<Row>[];
  /** The same candle at another time. */
  move(row: Row, byMs: number): Row;
}

/** Lengths of candles that are told apart, ms. */
const INTERVALS_MS = [60, 300, 900, 1800, 3600, 14_400, 21_600, 86_400].map((s) => s * 1000);

/** Whether a recording can stand beside the one that a route serves. */
export const hasCandles = <Row>(format: CandleFormat<Row>, recording: Recording): boolean =>
  intervalOf(format.read(recording)) !== null;

/** Whether it holds days, of which one may be missing. */
export const newestDayMs = <Row>(
  format: CandleFormat<Row>,
  recording: Recording,
): number | null => {
  const opens = format.read(recording).map(({ openMs }) => openMs);
  return areDaily(opens) ? (opens.at(-1) ?? null) : null;
};

/** How far everything is moved, ms: so that the newest day of the one that is served is today. */
export function shiftOf<Row>(
  format: CandleFormat<Row>,
  recording: Recording,
  { nowMs, asRecorded }: Serving,
): number {
  const newestMs = format.read(recording).at(-1)?.openMs;
  return asRecorded || newestMs === undefined ? 0 : toToday(newestMs, nowMs);
}

/**
 * All candles of a length, oldest first, moved; none that opens in the time to come, and none that was not recorded:
 * shorter ones are not made of longer ones, nor longer ones of shorter ones that may be incomplete.
 */
export function candlesOf<Row>(
  format: CandleFormat<Row>,
  recording: Recording,
  { intervalMs, serving }: { readonly intervalMs: number; readonly serving: Serving },
): readonly RecordedCandle<Row>[] {
  const shiftMs = shiftOf(format, recording, serving);
  const byTime = new Map<number, Row>();
  for (const other of serving.added) {
    // The newest of those may have been open still, and stay so for ever.
    for (const { openMs, row } of ofLength(format.read(other), intervalMs).slice(0, -1)) {
      byTime.set(openMs, row);
    }
  }
  for (const { openMs, row } of ofLength(format.read(recording), intervalMs)) {
    byTime.set(openMs, row);
  }
  return [...byTime]
    .map(([openMs, row]) => ({ openMs: openMs + shiftMs, row: format.move(row, shiftMs) }))
    .filter(({ openMs }) => openMs <= serving.nowMs)
    .sort((a, b) => a.openMs - b.openMs);
}

const ofLength = <Row>(candles: readonly RecordedCandle<Row>[], intervalMs: number) =>
  intervalOf(candles) === intervalMs ? candles : [];

/** Where candles may be missing, the shortest step; `null` for what is no series of candles. */
function intervalOf(candles: readonly RecordedCandle<unknown>[]): number | null {
  const steps = candles.slice(1).map(({ openMs }, i) => openMs - (candles[i]?.openMs ?? 0));
  const shortest = Math.min(...steps);
  const isSeries = steps.every((step) => step > 0 && step % shortest === 0);
  return isSeries && INTERVALS_MS.includes(shortest) ? shortest : null;
}

/** The rows of a text that is a list of lists, each as it is written. */
export const rowTexts = (text: string): readonly string[] => text.match(/\[[^[\]]+\]/g) ?? [];
