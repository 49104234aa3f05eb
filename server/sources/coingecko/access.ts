/** What both routes of CoinGecko share: how the key is shown, and how an error is told from an answer. */

import { number, object, pipe, safeParse, transform, union } from 'valibot';
import type { ErrorCode } from '../../../contract/index.ts';
import type { SourceOptions } from '../source.ts';
import { codeOfStatus } from '../upstream.ts';

/** The key goes into a header, never into the address: addresses end up in logs. */
export function keyHeaders({ key, plan }: SourceOptions): Record<string, string> {
  if (key === null) return {};
  return { [plan === 'pro' ? 'x-cg-pro-api-key' : 'x-cg-demo-api-key']: key };
}

/** Own codes: key missing, route not in the plan, key and host do not match (twice). Retrying heals none. */
const BLOCKING_CODES: readonly number[] = [10002, 10005, 10010, 10011];

const withCode = object({ error_code: number() });

/** The forms an error has been seen in, each reduced to its number. */
const errorBody = union([
  pipe(
    object({ status: withCode }),
    transform((body) => body.status.error_code),
  ),
  pipe(
    object({ error: object({ status: withCode }) }),
    transform((body) => body.error.status.error_code),
  ),
  pipe(
    withCode,
    transform((body) => body.error_code),
  ),
  pipe(
    object({ status: number() }),
    transform((body) => body.status),
  ),
]);

/** What an error body means; errors come with status 200, too. `null` for a body that is none. */
export function refusal(body: unknown): ErrorCode | null {
  const parsed = safeParse(errorBody, body, { abortEarly: true });
  if (!parsed.success) return null;
  return BLOCKING_CODES.includes(parsed.output) ? 'blocked' : codeOfStatus(parsed.output);
}
