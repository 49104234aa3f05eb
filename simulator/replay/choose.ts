/** Chooses what each route serves: the newest complete recording, or the one that was asked for. */

import { isObject, type Recognised, type RecordedRoute, type Recording } from './recording.ts';

/** A recording that a route serves. */
export interface Choice {
  readonly recording: Recording;
  readonly isComplete: boolean;
  readonly isShort: boolean;
  /** When it was recorded, ms since 1970, as far as that is known. */
  readonly timeMs: number | null;
  /** Others that belong to the same series. */
  readonly added: readonly Recording[];
}

/** Names of files that say of themselves that parts are missing. */
const PARTIAL_NAME = /(?:^|[._-])(?:partial|trimmed)(?:[._-]|$)/i;
/** Keys of a wrapper around something that never was an answer. */
const WRAPPER_KEYS = ['note', 'examples'] as const;
const NAME_DATE = /\d{4}-\d{2}-\d{2}/g;

/** The newest complete recording of a route, a short one only without others; `null` when there is none. */
export function newestComplete(
  route: RecordedRoute,
  recordings: readonly Recording[],
): Choice | null {
  return newest(
    choices(route, recordings).filter(({ isComplete }) => isComplete),
    route,
    recordings,
  );
}

/** The best that a chosen file holds for a route, complete if possible; `null` when nothing in it fits. */
export function bestOf(route: RecordedRoute, recordings: readonly Recording[]): Choice | null {
  return newestComplete(route, recordings) ?? newest(choices(route, recordings), route, recordings);
}

const choices = (
  route: RecordedRoute,
  recordings: readonly Recording[],
): readonly Omit<Choice, 'added'>[] =>
  recordings.flatMap((recording) => {
    const recognised = isAskedOf(route, recording) ? route.recognise(recording) : null;
    return recognised ? [choice(recording, recognised)] : [];
  });

/** A recorded request to another path is not this route's, whatever the answer looks like. */
const isAskedOf = (route: RecordedRoute, { request }: Recording) =>
  request === null || withoutEndSlash(request.pathname) === withoutEndSlash(route.path);

/** Upstreams and people are not strict about the slash at the end. */
export const withoutEndSlash = (path: string): string => path.replace(/\/$/, '');

function choice(
  recording: Recording,
  { timeMs, isComplete, isShort = false }: Recognised,
): Omit<Choice, 'added'> {
  return {
    recording,
    isComplete: isComplete && isWhole(recording),
    isShort,
    timeMs: timeMs ?? dateOf(recording),
  };
}

function isWhole({ file, body }: Recording): boolean {
  const isWrapper = isObject(body) && WRAPPER_KEYS.some((key) => key in body);
  return !isWrapper && !PARTIAL_NAME.test(file);
}

/** What its headers, or else its name, say of when it was made. */
const dateOf = ({ headers, file }: Recording): number | null =>
  parseDate(headers.date) ?? parseDate(file.match(NAME_DATE)?.at(-1));

function parseDate(text: string | undefined): number | null {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** Of two from the same moment the one with headers: it is what was on the wire. */
function newest(
  from: readonly Omit<Choice, 'added'>[],
  route: RecordedRoute,
  recordings: readonly Recording[],
): Choice | null {
  const [chosen] = from.toSorted(
    (a, b) =>
      Number(a.isShort) - Number(b.isShort) ||
      (b.timeMs ?? 0) - (a.timeMs ?? 0) ||
      Object.keys(b.recording.headers).length - Object.keys(a.recording.headers).length,
  );
  if (!chosen) return null;
  const added = recordings.filter(
    (other) =>
      other !== chosen.recording &&
      isAskedOf(route, other) &&
      isWhole(other) &&
      route.adds?.(other) === true,
  );
  return { ...chosen, added };
}
