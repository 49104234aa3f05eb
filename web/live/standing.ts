/** How far a figure can be trusted: the document's word, judged by the page itself. */

import {
  effectiveState,
  type FigureState,
  type Judged,
  type SourceId,
} from '../../contract/index.ts';

/** Where a figure comes from, what time it is of, and how far it can be trusted. */
export interface Standing {
  readonly source: SourceId | null;
  /** ms since 1970. */
  readonly asOfMs: number | null;
  /** The worse of the document's word and the page's own judgement. */
  readonly state: FigureState;
}

/** A group of figures with one standing. */
export interface Figure<T> extends Standing {
  readonly value: T;
}

/** How the page judges, at this moment. */
export interface Judgement {
  /** The server's time, ms since 1970. */
  readonly nowMs: number;
  /** Offline, paused or without the server's time: nothing is better than stale. */
  readonly isHeld: boolean;
}

/** A time on the wire in ms since 1970; `null` without one. */
export const parseTime = (time: string | null): number | null => {
  const ms = time === null ? Number.NaN : Date.parse(time);
  return Number.isFinite(ms) ? ms : null;
};

/** The worse of the document's word, the figure's age, and what the page knows of itself. */
export function judge(figure: Judged, { nowMs, isHeld }: Judgement): FigureState {
  const state = effectiveState(figure, nowMs);
  return isHeld && state === 'live' ? 'stale' : state;
}

/** The standing of an entry of the document. */
export const standingOf = (
  entry: Judged & { readonly source: SourceId | null },
  judgement: Judgement,
): Standing => ({
  source: entry.source,
  asOfMs: parseTime(entry.as_of),
  state: judge(entry, judgement),
});
