/** How long an upstream asks us to wait, read from its headers. Pure. */

/**
 * Longest wait that is believed, in seconds: three days, the longest ban Binance documents. Anything longer is a
 * mistake of the upstream's, and would silence it for good.
 */
export const MAX_RETRY_AFTER_S = 3 * 24 * 3600;

/** Digits only: no sign, no exponent, no spaces. */
const SECONDS = /^\d+$/;

/** RFC 9110 §5.6.7, the one form of a date that may still be sent: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** CoinGecko's `x-ratelimit-reset`: `2025-07-25 14:54:00 +0000`. */
const SPACED_DATE = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/;

/** Seconds since 1970 have had ten digits since 2001; fewer would be a duration, which nobody documents here. */
const UNIX_SECONDS = /^\d{10}$/;

/**
 * The wall-clock moment before which the upstream does not want to be asked, in ms since 1970. `Retry-After` counts
 * before `x-ratelimit-reset`. A date is measured against the answer's own `Date`, so that a clock that is wrong, here
 * or there, does not stretch the wait.
 *
 * @param nowMs wall clock when the answer arrived
 * @returns `null` when nothing readable was sent, or nothing that lies ahead (0, negative, past)
 */
export function retryAtMs(headers: Headers, nowMs: number): number | null {
  const theirNowMs = dateMs(headers.get('date')) ?? nowMs;
  const waitMs =
    retryAfterMs(headers.get('retry-after'), theirNowMs) ??
    resetMs(headers.get('x-ratelimit-reset'), theirNowMs);
  if (waitMs === null || waitMs <= 0) return null;
  return nowMs + Math.min(waitMs, MAX_RETRY_AFTER_S * 1000);
}

function retryAfterMs(text: string | null, theirNowMs: number): number | null {
  if (text === null) return null;
  if (SECONDS.test(text)) return Number(text) * 1000;
  const at = dateMs(text);
  return at === null ? null : at - theirNowMs;
}

function resetMs(text: string | null, theirNowMs: number): number | null {
  if (text === null) return null;
  if (UNIX_SECONDS.test(text)) return Number(text) * 1000 - theirNowMs;
  const [, day, time, zoneHours, zoneMinutes] = SPACED_DATE.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}${zoneHours}:${zoneMinutes}`);
  return Number.isFinite(at) ? at - theirNowMs : null;
}

function dateMs(text: string | null): number | null {
  if (text === null || !HTTP_DATE.test(text)) return null;
  const at = Date.parse(text);
  return Number.isFinite(at) ? at : null;
}
