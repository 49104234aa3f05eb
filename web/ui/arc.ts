/** Arcs and angles. Angles are degrees clockwise from the top; everything is centred at the origin. */

const RADIANS = Math.PI / 180;

/** Two decimals: a hundredth of a pixel cannot be seen, and the markup stays short. */
const round = (value: number) => Number(value.toFixed(2)) + 0;

const point = (radius: number, angle: number) =>
  `${round(radius * Math.sin(angle * RADIANS))} ${round(-radius * Math.cos(angle * RADIANS))}`;

/** Degrees that a length along a circle takes. */
export const degreesOf = (length: number, radius: number): number => length / radius / RADIANS;

/** Path data of an arc, clockwise; a whole turn or more is a closed circle. */
export function arcPath(radius: number, from: number, to: number): string {
  const arc = `A${radius} ${radius} 0`;
  if (to - from >= 360) {
    return `M${point(radius, from)}${arc} 1 1 ${point(radius, from + 180)}${arc} 1 1 ${point(radius, from)}Z`;
  }
  return `M${point(radius, from)}${arc} ${to - from > 180 ? 1 : 0} 1 ${point(radius, to)}`;
}

/** A stretch of a ring. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Takes half a gap off both ends of a stretch; `null` when nothing would be left to draw.
 * @param gap degrees between neighbours
 */
export function trimmed(stretch: Stretch, gap: { before: number; after: number }): Stretch | null {
  const from = stretch.from + gap.before / 2;
  const to = stretch.to - gap.after / 2;
  return to > from ? { from, to } : null;
}
