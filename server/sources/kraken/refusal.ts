/** How Kraken says no: with status 200, in a list of texts beside the result. */

import { object, safeParse, string } from 'valibot';
import type { ErrorCode } from '../../../contract/index.ts';
import { rows } from '../rows.ts';

/** One request has a handful of things wrong with it at most; a longer list is no answer of this upstream's. */
const MAX_ERRORS = 20;

const errorBody = object({ error: rows(string(), 1, MAX_ERRORS) });

/** What a text means, by how it begins: `E` for an error, a category, a colon, what is wrong. First that fits. */
const MEANINGS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^E\w+:(?:Too many requests|Rate limit exceeded|Temporary lockout)/, 'rate_limited'],
  [/^E\w+:Permission denied/, 'blocked'],
  [/^(?:EService:|EGeneral:Internal error)/, 'unavailable'],
  [/^E/, 'bad_response'],
];

/**
 * What an answer's list of errors means; `null` for one without, or with warnings alone, which begin with `W`.
 * https://docs.kraken.com/api/docs/guides/spot-errors
 */
export function refusal(body: unknown): ErrorCode | null {
  const parsed = safeParse(errorBody, body, { abortEarly: true });
  if (!parsed.success) return null;
  const [, code] =
    MEANINGS.find(([meaning]) => parsed.output.error.some((text) => meaning.test(text))) ?? [];
  return code ?? null;
}
