/** How TAAPI says no: with any status, 200 included, under one of three keys. */

import { object, pipe, safeParse, string, transform, union } from 'valibot';
import type { ErrorCode } from '../../../contract/index.ts';
import { rows } from '../rows.ts';

/** `You have exceeded your request limit (TAAPI.IO rate-limit)!` and its older wordings. */
const RATE_LIMIT = /request limit|rate.?limit|too many requests/i;

/** One error for each indicator that was asked for, and one is; a longer list is no answer of this upstream's. */
const MAX_ERRORS = 20;

/** The forms an error has been seen in, each reduced to its text. */
const errorBody = union([
  pipe(
    object({ error: string() }),
    transform((body) => body.error),
  ),
  pipe(
    object({ error: object({ message: string() }) }),
    transform((body) => body.error.message),
  ),
  pipe(
    object({ errors: rows(string(), 1, MAX_ERRORS) }),
    transform((body) => body.errors.join(' ')),
  ),
  pipe(
    object({ message: string() }),
    transform((body) => body.message),
  ),
]);

/**
 * `rate_limited` where the body says so. Whatever else is said is judged by the status, or by the missing value; the
 * text itself goes no further.
 */
export function refusal(body: unknown): ErrorCode | null {
  const parsed = safeParse(errorBody, body, { abortEarly: true });
  return parsed.success && RATE_LIMIT.test(parsed.output) ? 'rate_limited' : null;
}
