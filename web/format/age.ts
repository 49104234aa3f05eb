/** How long ago, how soon, how long: in words, from the dictionary that is handed in. */

import type { FormatLanguage } from './locale.ts';
import { formatDate } from './time.ts';

/** The dictionary's keys that ages and durations are made of. */
export type AgeKey =
  | `age.${'now' | 'seconds' | 'minutes' | 'hours' | 'days' | 'on'}`
  | `in.${'now' | 'minutes' | 'hours'}`
  | `duration.${'seconds' | 'minutes' | 'hours'}`;

/** Whatever can say those keys. */
export type SayAge = (key: AgeKey, values?: Readonly<Record<string, string | number>>) => string;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Younger than this is "just now": counting up from zero would be noise. */
const NOW_MS = 2 * SECOND_MS;
/** Hours are counted up to two days, days up to a week; from then on the date says more. */
const LONGEST_IN_HOURS_MS = 48 * HOUR_MS;
const LONGEST_IN_DAYS_MS = 7 * DAY_MS;

/**
 * An age in words; rounded down, so that nothing is called older than it is. A negative age is 0.
 * @param asOfMs the moment itself, ms since 1970; its date is shown from seven days on
 */
export function formatAge(
  t: SayAge,
  ageMs: number,
  asOfMs: number,
  language: FormatLanguage,
  timeZone: string,
): string {
  if (ageMs < NOW_MS) return t('age.now');
  if (ageMs < MINUTE_MS) return t('age.seconds', { n: Math.floor(ageMs / SECOND_MS) });
  if (ageMs < HOUR_MS) return t('age.minutes', { n: Math.floor(ageMs / MINUTE_MS) });
  if (ageMs < LONGEST_IN_HOURS_MS) return t('age.hours', { n: Math.floor(ageMs / HOUR_MS) });
  if (ageMs < LONGEST_IN_DAYS_MS) return t('age.days', { n: Math.floor(ageMs / DAY_MS) });
  return t('age.on', { date: formatDate(asOfMs, language, timeZone) });
}

/** How soon, to the nearest minute, from an hour on to the nearest hour. */
export function formatIn(t: SayAge, inMs: number): string {
  const minutes = Math.round(inMs / MINUTE_MS);
  if (minutes < 1) return t('in.now');
  if (minutes < 60) return t('in.minutes', { n: minutes });
  return t('in.hours', { n: Math.round(inMs / HOUR_MS) });
}

/** How long something took, to the nearest second, minute or hour; at least one second. */
export function formatDuration(t: SayAge, ms: number): string {
  const seconds = Math.max(1, Math.round(ms / SECOND_MS));
  if (seconds < 60) return t('duration.seconds', { n: seconds });
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 60) return t('duration.minutes', { n: minutes });
  return t('duration.hours', { n: Math.round(ms / HOUR_MS) });
}
