/** Shares of a whole: a ring and, beside it, its legend with names and figures. */

import { arcPath, degreesOf, trimmed } from './arc.ts';
import { DASH } from './dash.ts';

/** One part of the whole. */
export interface Share {
  readonly name: string;
  /** Per cent of the whole; `null` when not known. */
  readonly percent: number | null;
  /** The per cent as it is written; not read when `percent` is `null`. */
  readonly text: string;
  /** Name of the custom property that colours it. */
  readonly colour: `--${string}`;
}

/** See {@link Doughnut}. */
export interface DoughnutProps {
  /** Clockwise from the top. One unknown share leaves the ring empty: the rest could not be told apart from it. */
  readonly shares: readonly Share[];
  /** The whole sentence for whoever does not see the ring. */
  readonly description: string;
  readonly stale?: boolean;
}

const RADIUS = 42;
/** Pixels of the card's ground between two shares. */
const GAP = 2;

function ring(shares: readonly Share[]) {
  const known = shares.flatMap(({ percent, colour }) =>
    percent !== null && percent > 0 ? [{ percent, colour }] : [],
  );
  const total = known.reduce((sum, share) => sum + share.percent, 0);
  const gap = known.length > 1 ? degreesOf(GAP, RADIUS) : 0;
  let from = 0;
  return known.flatMap(({ percent, colour }) => {
    const to = from + (percent / total) * 360;
    const stretch = trimmed({ from, to }, { before: gap, after: gap });
    from = to;
    return stretch ? [{ colour, path: arcPath(RADIUS, stretch.from, stretch.to) }] : [];
  });
}

/** Each share is named in the legend; colour only helps to find it. */
export function Doughnut({ shares, description, stale = false }: DoughnutProps) {
  const isKnown = shares.every((share) => share.percent !== null);
  return (
    <div
      class={stale || !isKnown ? 'doughnut stale' : 'doughnut'}
      role="img"
      aria-label={description}
    >
      <svg class="doughnut-ring" viewBox="-48 -48 96 96" aria-hidden="true">
        {isKnown ? (
          ring(shares).map(({ colour, path }) => (
            <path key={colour} stroke={`var(${colour})`} d={path} />
          ))
        ) : (
          <circle class="doughnut-empty" r={RADIUS} />
        )}
      </svg>
      <ul class="doughnut-legend">
        {shares.map(({ name, percent, text, colour }) => (
          <li key={colour}>
            <svg class="doughnut-swatch" viewBox="0 0 8 8" aria-hidden="true">
              <rect width="8" height="8" rx="2" fill={`var(${colour})`} />
            </svg>
            <span class="doughnut-name">{name}</span>
            <span class="doughnut-share">{percent === null ? DASH : text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
