/** Moves the times in recorded text. Nothing but times is touched, so that no digit of any figure changes. */

/** Whole seconds, rounded down to the minute: the moment of a request as an upstream with a cache would stamp it. */
export const toMinuteS = (ms: number): number => Math.floor(ms / 60_000) * 60;

/** Replaces a number of seconds. @param key a key that stands only once in the text */
export const replaceSeconds = (text: string, key: string, seconds: number): string =>
  text.replace(new RegExp(`("${key}"\\s*:\\s*)-?\\d+(?:\\.\\d+)?`), `$1${seconds}`);

/** Moves every number of seconds that stands behind `key`. */
export const moveSeconds = (text: string, key: string, byS: number): string =>
  text.replace(new RegExp(`("${key}"\\s*:\\s*)(\\d{9,11})(?!\\d)`, 'g'), (_, before, seconds) =>
    moved(before, seconds, byS),
  );

/** Moves the number of seconds that every row begins with, in a list of rows. */
export const moveRows = (text: string, byS: number): string =>
  text.replace(/(\[\s*)(\d{9,11})(?=\s*,)/g, (_, before, seconds) => moved(before, seconds, byS));

/** Moves every number of ms since 1970 that stands behind one of `keys`; shorter numbers there are no times. */
export const moveMillis = (text: string, keys: string, byMs: number): string =>
  text.replace(new RegExp(`("(?:${keys})"\\s*:\\s*)(\\d{13})(?!\\d)`, 'g'), (_, before, ms) =>
    moved(before, ms, byMs),
  );

const moved = (before: string, time: string, by: number): string =>
  `${before}${Number(time) + Math.round(by)}`;

/** A time in ISO 8601 in UTC, alone in its quotes; the part of a second has any number of digits. */
const ISO_TIME = /(?<=")(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z(?=")/g;
const MS_DIGITS = 3;

/** Moves every time in ISO 8601. Each keeps the number of its digits, and those that are smaller than a millisecond. */
export const moveIsoTimes = (text: string, byMs: number): string =>
  text.replace(ISO_TIME, (_, seconds: string, fraction?: string) => {
    const digits = fraction ?? '';
    const ms = Number(digits.slice(0, MS_DIGITS).padEnd(MS_DIGITS, '0'));
    const movedMs = Date.parse(`${seconds}Z`) + ms + Math.round(byMs);
    const [whole, part = ''] = new Date(movedMs).toISOString().slice(0, -1).split('.');
    const kept = part.slice(0, digits.length) + digits.slice(MS_DIGITS);
    return kept === '' ? `${whole}Z` : `${whole}.${kept}Z`;
  });
