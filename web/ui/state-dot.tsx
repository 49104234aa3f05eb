/** The connection as a shape: full, half, a quarter, empty. Words stand beside it; colour only helps. */

/** How the page hears of news. */
export type LinkState =
  | 'connecting'
  | 'live'
  | 'no_data'
  | 'reconnecting'
  | 'polling'
  | 'offline'
  | 'paused';

const FULL = 'M6 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8Z';
const HALF = 'M6 2a4 4 0 0 0 0 8Z';
const QUARTER = 'M6 2a4 4 0 0 1 4 4H6Z';

const SHAPES = {
  live: { fill: FULL, tone: 'up' },
  no_data: { fill: HALF, tone: 'warn' },
  connecting: { fill: HALF, tone: 'warn' },
  reconnecting: { fill: HALF, tone: 'warn' },
  polling: { fill: QUARTER, tone: 'warn' },
  offline: { fill: '', tone: 'flat' },
  paused: { fill: '', tone: 'flat' },
} as const satisfies Record<LinkState, { fill: string; tone: string }>;

/** Hidden from assistive technology: the words beside it are the state. */
export function StateDot({ state }: { readonly state: LinkState }) {
  const { fill, tone } = SHAPES[state];
  return (
    <svg class={`state-dot ${tone}`} viewBox="0 0 12 12" aria-hidden="true">
      <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" stroke-width="1.5" />
      {fill === '' ? null : <path d={fill} fill="currentColor" />}
    </svg>
  );
}
