/** A thin arc of segments with a needle; the number in the middle, its name under it. */

import { FNG_BOUNDS, RSI_BOUNDS } from '../i18n/index.ts';
import { arcPath, degreesOf, trimmed } from './arc.ts';
import { DASH } from './dash.ts';

/** A stretch of the scale, from where the one before ends. */
export interface GaugeSegment {
  /** Where it ends on the scale of 0 … 100. */
  readonly upTo: number;
  /** Name of the custom property that colours it. */
  readonly colour: `--${string}`;
}

/**
 * Fear & Greed. The index has whole values only, so each cut lies half way between the last value of one band and
 * the first of the next, and a needle never stands on a cut.
 */
export const FNG_SEGMENTS: readonly GaugeSegment[] = [
  { upTo: FNG_BOUNDS[0] + 0.5, colour: '--gauge-1' },
  { upTo: FNG_BOUNDS[1] + 0.5, colour: '--gauge-2' },
  { upTo: FNG_BOUNDS[2] + 0.5, colour: '--gauge-3' },
  { upTo: FNG_BOUNDS[3] + 0.5, colour: '--gauge-4' },
  { upTo: 100, colour: '--gauge-5' },
];

/** RSI: neither end is good, so both have the colour of a warning. */
export const RSI_SEGMENTS: readonly GaugeSegment[] = [
  { upTo: RSI_BOUNDS[0], colour: '--warn' },
  { upTo: RSI_BOUNDS[1], colour: '--gauge-3' },
  { upTo: 100, colour: '--warn' },
];

/** See {@link Gauge}. */
export interface GaugeProps {
  /** 0 … 100; `null` draws an empty arc and a dash. */
  readonly value: number | null;
  readonly segments: readonly GaugeSegment[];
  /** The value as it is written. */
  readonly text: string;
  /** Its name, e.g. the band. */
  readonly label: string;
  /** The whole sentence for whoever does not see the arc. */
  readonly description: string;
  /** Dims number, name and needle. */
  readonly stale?: boolean;
}

/** Radius of the arc's middle line in a box of 160 × 104 whose centre is {@link CENTRE}. */
const RADIUS = 68;
const CENTRE = 'translate(80 78)';
/** The scale runs from far left over the top to far right; the name has the room below for itself. */
const HALF_TURN = 90;
/** Pixels of the card's ground between two segments. */
const GAP = 2;

const angleOf = (value: number) => (value / 100) * 2 * HALF_TURN - HALF_TURN;

function segmentPaths(segments: readonly GaugeSegment[]) {
  const gap = degreesOf(GAP, RADIUS);
  return segments.flatMap((segment, index) => {
    const start = segments[index - 1]?.upTo ?? 0;
    const stretch = trimmed(
      { from: angleOf(start), to: angleOf(segment.upTo) },
      { before: index === 0 ? 0 : gap, after: index === segments.length - 1 ? 0 : gap },
    );
    return stretch ? [{ segment, start, path: arcPath(RADIUS, stretch.from, stretch.to) }] : [];
  });
}

/** 160 × 104, whatever it shows, so that nothing moves when a value comes. */
export function Gauge({ value, segments, text, label, description, stale = false }: GaugeProps) {
  return (
    <svg
      class={stale || value === null ? 'gauge stale' : 'gauge'}
      viewBox="0 0 160 104"
      role="img"
      aria-label={description}
    >
      <g transform={CENTRE}>
        {value === null ? (
          <path class="gauge-empty" d={arcPath(RADIUS, -HALF_TURN, HALF_TURN)} />
        ) : (
          <>
            {segmentPaths(segments).map(({ segment, start, path }) => (
              <path
                key={segment.upTo}
                class={isWithin(value, start, segment.upTo) ? 'gauge-arc here' : 'gauge-arc'}
                stroke={`var(${segment.colour})`}
                d={path}
              />
            ))}
            <path
              class="gauge-needle"
              transform={`rotate(${angleOf(value).toFixed(1)})`}
              d={NEEDLE}
            />
          </>
        )}
      </g>
      <text class="gauge-number" x="80" y="72">
        {value === null ? DASH : text}
      </text>
      <text class="gauge-label" x="80" y="99">
        {label}
      </text>
    </svg>
  );
}

/** A slim hand that stands upright across the arc. */
const NEEDLE = 'M-1.25 -54V-76H1.25V-54Z';

const isWithin = (value: number, start: number, end: number) =>
  value <= end && (value > start || start === 0);
