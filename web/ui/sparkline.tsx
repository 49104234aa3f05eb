/** A small line of what was, without axes: it says up or down and where it is broken, and its label the rest. */

import { linePath, type TimedValue } from './line-path.ts';

/** See {@link Sparkline}. */
export interface SparklineProps {
  /** Oldest first. */
  readonly points: readonly TimedValue[];
  /** Seconds from one point to the next. */
  readonly stepS: number;
  /** Seconds since 1970 at the two ends, so that what is missing there is seen too. */
  readonly from: number;
  readonly to: number;
  /** Units of the drawing. */
  readonly width: number;
  readonly height: number;
  /** Values at bottom and top; those of the line itself when left out. */
  readonly range?: readonly [low: number, high: number];
  /** Which way it went as a whole: its colour. */
  readonly tone?: 'up' | 'down' | 'flat';
  /** The whole sentence for whoever does not see it. */
  readonly label: string;
}

/** So far the line stays off the edges: half of its own width and its round ends. */
const MARGIN = 2;

/** Without a single point there is the empty box, and nothing is said. */
export function Sparkline(props: SparklineProps) {
  const { points, stepS, from, to, width, height, tone = 'flat', label } = props;
  const values = points.flatMap(({ value }) => value ?? []);
  const [low, high] = props.range ?? [Math.min(...values), Math.max(...values)];
  const inner = { width: width - 2 * MARGIN, height: height - 2 * MARGIN };
  const isEmpty = values.length === 0;
  return (
    <span class={`spark ${tone}`} {...(isEmpty ? {} : { role: 'img', 'aria-label': label })}>
      <svg
        viewBox={`${-MARGIN} ${-MARGIN} ${width} ${height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {isEmpty ? null : <path d={linePath(points, stepS, { ...inner, from, to, low, high })} />}
      </svg>
    </span>
  );
}
