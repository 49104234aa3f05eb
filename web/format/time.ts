/** Clocks and dates. */

import { type FormatLanguage, LOCALES } from './locale.ts';

const CLOCK = {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
} as const satisfies Intl.DateTimeFormatOptions;

const ZONED_CLOCK = { ...CLOCK, timeZoneName: 'short' } as const;

/** Every kind of time the page prints, by language. */
const KINDS = {
  clock: { vi: CLOCK, en: CLOCK },
  zonedClock: { vi: ZONED_CLOCK, en: ZONED_CLOCK },
  paperClock: {
    vi: { ...ZONED_CLOCK, second: '2-digit' },
    en: { ...ZONED_CLOCK, second: '2-digit' },
  },
  date: {
    // With the year, or vi-VN joins day and month by a hyphen.
    vi: { day: '2-digit', month: '2-digit', year: 'numeric' },
    en: { day: 'numeric', month: 'short', year: 'numeric' },
  },
  axisDay: {
    vi: { day: 'numeric', month: 'numeric' },
    en: { day: 'numeric', month: 'short' },
  },
} as const satisfies Record<string, Record<FormatLanguage, Intl.DateTimeFormatOptions>>;

type Kind = keyof typeof KINDS;

/** A page needs ten of these: five kinds in UTC and in the visitor's zone. Twice that, for a visitor who travels. */
const MAX_FORMATS = 20;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(kind: Kind, ms: number, language: FormatLanguage, timeZone: string): string {
  const key = `${kind} ${language} ${timeZone}`;
  let held = formats.get(key);
  if (!held) {
    if (formats.size >= MAX_FORMATS) formats.clear();
    held = new Intl.DateTimeFormat(LOCALES[language], { ...KINDS[kind][language], timeZone });
    formats.set(key, held);
  }
  return held.format(ms);
}

/**
 * Hours and minutes: `14:00`.
 * @param ms since 1970
 * @param timeZone IANA name, e.g. `UTC`; an unknown one throws a RangeError
 */
export const formatClock = (ms: number, language: FormatLanguage, timeZone: string): string =>
  format('clock', ms, language, timeZone);

/** Hours and minutes with the zone, for wherever the zone is not the reader's own: `07:00 UTC`. */
export const formatZonedClock = (ms: number, language: FormatLanguage, timeZone: string): string =>
  format('zonedClock', ms, language, timeZone);

/** A day: `Nov 24, 2026`, `24/11/2026`. */
export const formatDate = (ms: number, language: FormatLanguage, timeZone: string): string =>
  format('date', ms, language, timeZone);

/** A day on the chart's axis: `Nov 24`, `24/11`. */
export const formatAxisDay = (ms: number, language: FormatLanguage, timeZone: string): string =>
  format('axisDay', ms, language, timeZone);

/** Date, time to the second and zone, for paper: `Nov 24, 2026, 14:00:05 GMT+7`, `14:00:05 GMT+7 24/11/2026`. */
export function formatDateTime(ms: number, language: FormatLanguage, timeZone: string): string {
  const clock = format('paperClock', ms, language, timeZone);
  const date = formatDate(ms, language, timeZone);
  return language === 'vi' ? `${clock} ${date}` : `${date}, ${clock}`;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const OFFSET = /GMT([+-])(\d\d):(\d\d)/;

/**
 * How far a zone's clocks are ahead of UTC at a moment, ms; negative west of Greenwich.
 * @param timeZone IANA name; an unknown one throws a RangeError
 */
export function zoneOffsetMs(ms: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const [, sign, hours = 0, minutes = 0] = OFFSET.exec(format.format(ms)) ?? [];
  const size = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS;
  return sign === '+' || size === 0 ? size : -size;
}
