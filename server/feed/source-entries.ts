/** What the document says of every source. */

import {
  type DashboardDocument,
  type ErrorCode,
  type SourceEntry,
  type SourceId,
  type SourceState,
  toWireTime,
  worseState,
} from '../../contract/index.ts';
import type { SetAside } from './set-aside.ts';

/** What a source is doing, as whoever asks it says. */
export interface SourceWord {
  readonly state: SourceState;
  readonly lastSuccessAtMs: number | null;
  readonly nextAttemptAtMs: number | null;
  readonly error: { readonly code: ErrorCode; readonly atMs: number } | null;
}

type Entries = DashboardDocument['sources'];

/** The words as entries. */
export const entriesOf = (words: ReadonlyMap<SourceId, SourceWord>): Entries =>
  Object.fromEntries([...words].map(([id, word]) => [id, toEntry(word)]));

/** A source that nothing is known of, or that is off, has no next attempt to be told. */
export function postpone(
  sources: Entries,
  nextAttempts: ReadonlyMap<SourceId, number | null>,
): Entries {
  const entries = [...nextAttempts].flatMap(([id, atMs]) => {
    const entry = sources[id];
    if (entry === undefined || entry.state === 'off') return [];
    return [[id, { ...entry, next_attempt_at: wireTimeOrNull(atMs) }]];
  });
  return { ...sources, ...Object.fromEntries(entries) };
}

/**
 * Those that are set aside say so, unless there is worse to say, and how far they are off. Nothing is said of a source
 * without a word of it: entries only change, they do not come and go.
 */
export function withDeviations(
  sources: Entries,
  exchanges: readonly SourceId[],
  { isAside, deviation }: Pick<SetAside, 'isAside' | 'deviation'>,
): Entries {
  const aside = exchanges.filter(isAside).flatMap((id): [SourceId, SourceEntry][] => {
    const entry = sources[id];
    if (entry === undefined) return [];
    const state = worseState(entry.state, 'set_aside');
    return [[id, { ...entry, state, deviation_percent: deviation(id) }]];
  });
  return aside.length === 0 ? sources : { ...sources, ...Object.fromEntries(aside) };
}

const toEntry = ({ state, lastSuccessAtMs, nextAttemptAtMs, error }: SourceWord): SourceEntry => ({
  state,
  last_success_at: wireTimeOrNull(lastSuccessAtMs),
  next_attempt_at: wireTimeOrNull(nextAttemptAtMs),
  error: error === null ? null : { code: error.code, at: toWireTime(error.atMs) },
  deviation_percent: null,
});

const wireTimeOrNull = (ms: number | null) => (ms === null ? null : toWireTime(ms));
