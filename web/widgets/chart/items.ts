/** From rows to what the chart's library draws: every interval of the range has its place, and a missing one stays empty. */

/** A row of a series: the interval's beginning in seconds since 1970, then its values. */
export type Row = readonly [time: number, ...values: (number | null)[]];

/** The intervals of a range, seconds since 1970. */
export interface Span {
  readonly fromS: number;
  /** The newest interval's beginning. */
  readonly toS: number;
  readonly intervalS: number;
}

/** A point of a line, or the place of one that is missing. */
export interface LineItem {
  readonly time: number;
  readonly value?: number;
  /** Colour of the line that leads to the next point, where it is not the line's own. */
  readonly color?: string;
}

/** A candle, or the place of one that is missing. */
export interface CandleItem {
  readonly time: number;
  readonly open?: number;
  readonly high?: number;
  readonly low?: number;
  readonly close?: number;
}

/** More intervals than any range has: the loop over them ends whatever it is given. */
const MAX_ITEMS = 1000;

/** Every time of the span; the rows' own besides, should they lie between. */
function placesOf(rows: readonly Row[], { fromS, toS, intervalS }: Span): readonly number[] {
  const times = new Set(rows.map(([time]) => time));
  for (let time = fromS, n = 0; time <= toS && n < MAX_ITEMS; time += intervalS, n++) {
    times.add(time);
  }
  return [...times].sort((a, b) => a - b);
}

const byTime = (rows: readonly Row[]) => new Map(rows.map((row) => [row[0], row]));

/**
 * The library draws a line right across an empty place, so the stretch that leaves the last point before a hole is
 * given the colour of nothing.
 * @param unseen a colour that does not show
 */
export function lineItems(rows: readonly Row[], span: Span, unseen: string): readonly LineItem[] {
  const held = byTime(rows);
  const value = (time: number) => held.get(time)?.[1] ?? null;
  const newest = rows.findLast((row) => row[1] != null)?.[0];
  return placesOf(rows, span).map((time) => {
    const here = value(time);
    if (here === null) return { time };
    const isBeforeHole = time !== newest && value(time + span.intervalS) === null;
    return isBeforeHole ? { time, value: here, color: unseen } : { time, value: here };
  });
}

/** @param rows of `btc_candles` */
export function candleItems(rows: readonly Row[], span: Span): readonly CandleItem[] {
  const held = byTime(rows);
  return placesOf(rows, span).map((time) => {
    const [, open, high, low, close] = held.get(time) ?? [];
    return open == null || high == null || low == null || close == null
      ? { time }
      : { time, open, high, low, close };
  });
}
