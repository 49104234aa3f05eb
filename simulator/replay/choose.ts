/** Chooses what each route serves: the newest complete recording, or the one that was asked for. */

import { isObject, type Recognised, type RecordedRoute, type Recording } from './recording.ts';

/** A recording that a route serves. */
export interface Choice {
  readonly recording: Recording;
  readonly isComplete: boolean;
  /** When it was recorded, ms since 1970, as far as that is known. */
  readonly timeMs: number | null;
}

/** Names of files that say of themselves that parts are missing. */
const PARTIAL_NAME = /(?:^|[._-])(?:partial|trimmed)(?:[._-]|$)/i;
/** Keys of a wrapper around something that never was an answer. */
const WRAPPER_KEYS = ['note', 'examples'] as const;
const NAME_DATE = /\d{4}-\d{2}-\d{2}/g;

/** The newest complete recording of a route; `null` when there is none. */
export function newestComplete(
  route: RecordedRoute,
  recordings: readonly Recording[],
): Choice | null {
  return newest(choices(route, recordings).filter(({ isComplete }) => isComplete));
}

/** The best that a chosen file holds for a route, complete if possible; `null` when nothing in it fits. */
export function bestOf(route: RecordedRoute, recordings: readonly Recording[]): Choice | null {
  return newestComplete(route, recordings) ?? newest(choices(route, recordings));
}

const choices = (route: RecordedRoute, recordings: readonly Recording[]): readonly Choice[] =>
  recordings.flatMap((recording) => {
    const recognised = isAskedOf(route, recording) ? route.recognise(recording) : null;
    return recognised ? [choice(recording, recognised)] : [];
  });

/** A recorded request to another path is not this route's, whatever the answer looks like. */
const isAskedOf = (route: RecordedRoute, { request }: Recording) =>
  request === null || withoutEndSlash(request.pathname) === withoutEndSlash(route.path);

/** Upstreams and people are not strict about the slash at the end. */
export const withoutEndSlash = (path: string): string => path.replace(/\/$/, '');

function choice(recording: Recording, { timeMs, isComplete }: Recognised): Choice {
  const { file, body } = recording;
  const isWrapper = isObject(body) && WRAPPER_KEYS.some((key) => key in body);
  return {
    recording,
    isComplete: isComplete && !isWrapper && !PARTIAL_NAME.test(file),
    timeMs: timeMs ?? parseDate(recording.headers.date) ?? parseDate(file.match(NAME_DATE)?.at(-1)),
  };
}

function parseDate(text: string | undefined): number | null {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** Of two from the same moment the one with headers: it is what was on the wire. */
const newest = (from: readonly Choice[]): Choice | null =>
  from.toSorted(
    (a, b) =>
      (b.timeMs ?? 0) - (a.timeMs ?? 0) ||
      Object.keys(b.recording.headers).length - Object.keys(a.recording.headers).length,
  )[0] ?? null;
