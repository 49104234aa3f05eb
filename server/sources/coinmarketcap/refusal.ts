/** How CoinMarketCap says no: by a code inside the body, whatever the status, 200 included. */

import { number, object, safeParse, union } from 'valibot';
import type { ErrorCode } from '../../../contract/index.ts';
import { decimalText } from '../figure.ts';
import { codeOfStatus } from '../upstream.ts';

/** The code is a number, and has been seen as text. */
const envelope = object({ status: object({ error_code: union([number(), decimalText()]) }) });

/** All is well. */
const NO_ERROR = 0;

/** Key wrong, missing, unpaid, expired, not sent, of too small a plan, switched off. Asking again heals none. */
const BLOCKING_CODES: readonly number[] = [1001, 1002, 1003, 1004, 1005, 1006, 1007];

/** Too much in this minute, day, month, or from this address. */
const LIMITING_CODES: readonly number[] = [1008, 1009, 1010, 1011];

/** What an answer's code means; `null` for an answer without an error. Other codes are those of HTTP. */
export function refusal(body: unknown): ErrorCode | null {
  const parsed = safeParse(envelope, body, { abortEarly: true });
  if (!parsed.success) return null;
  const { error_code } = parsed.output.status;
  if (error_code === NO_ERROR) return null;
  if (BLOCKING_CODES.includes(error_code)) return 'blocked';
  return LIMITING_CODES.includes(error_code) ? 'rate_limited' : codeOfStatus(error_code);
}
