/** The path of a line through points in time; where one is missing the line breaks. */

/** A value at a time, seconds since 1970; `null` where there is none. */
export interface TimedValue {
  readonly time: number;
  readonly value: number | null;
}

/** The drawing's box, in its own units, and what its edges stand for. */
export interface LineBox {
  readonly width: number;
  readonly height: number;
  /** Seconds since 1970 at the left and the right edge. */
  readonly from: number;
  readonly to: number;
  /** Values at the bottom and the top; where both are the same the line runs in the middle. */
  readonly low: number;
  readonly high: number;
}

/** Two decimals: a hundredth of a pixel cannot be seen, and the markup stays short. */
const round = (value: number) => Number(value.toFixed(2)) + 0;

/** Neighbours may be this many steps apart and still be neighbours: a day's stamp is not always to the second. */
const SLACK = 1.5;

/**
 * Path data. A point without neighbours is a line of no length, which round ends draw as a dot.
 * @param stepS seconds from one point to the next; after more than one and a half of them there is a hole
 */
export function linePath(points: readonly TimedValue[], stepS: number, box: LineBox): string {
  return runs(points, stepS)
    .map(([first, ...rest]) => {
      if (first === undefined) return '';
      const start = `M${place(first, box)}`;
      return rest.length === 0
        ? `${start}h0`
        : `${start}L${rest.map((p) => place(p, box)).join(' ')}`;
    })
    .join('');
}

interface Known {
  readonly time: number;
  readonly value: number;
}

const isKnown = (point: TimedValue): point is Known => point.value !== null;

/** The points in stretches without a hole. */
function runs(points: readonly TimedValue[], stepS: number): readonly (readonly Known[])[] {
  const found: Known[][] = [];
  let previous = Number.NEGATIVE_INFINITY;
  for (const point of points.filter(isKnown)) {
    const run = found.at(-1);
    if (run && point.time - previous <= stepS * SLACK) run.push(point);
    else found.push([point]);
    previous = point.time;
  }
  return found;
}

function place({ time, value }: Known, { width, height, from, to, low, high }: LineBox): string {
  const x = to > from ? (time - from) / (to - from) : 0;
  const y = high > low ? (value - low) / (high - low) : 0.5;
  return `${round(x * width)} ${round((1 - y) * height)}`;
}
