/** What the end of a stream's connection means. Pure. */

import type { ErrorCode } from '../../contract/index.ts';
import type { StreamEnd } from './stream.ts';
import { codeOfStatus } from './upstream.ts';

/** Why a connection ended, or was never made. */
export interface StreamFailure {
  readonly code: ErrorCode;
  /** How long the exchange asked not to be connected to, ms; `null` when it did not. */
  readonly askedMs: number | null;
  /** HTTP status of a refused handshake, for the log; `null` when there was none. */
  readonly status: number | null;
  /** WebSocket close code, for the log; `null` when there was none. */
  readonly closeCode: number | null;
}

/** RFC 6455 §7.4.1: a policy was violated. Exchanges close so on too many messages or too many connections. */
const POLICY_VIOLATION = 1008;
/** RFC 6455 §7.4.1: what came is no frame, or one that is not taken. */
const PROTOCOL_ERROR = 1002;

/** @param nowMs wall clock, ms since 1970 */
export function failureOf(end: StreamEnd, nowMs: number): StreamFailure {
  const { status, closeCode, retryAtMs } = end;
  const code = codeOf(end);
  const namesATime = code === 'rate_limited' || status === 503;
  const askedMs = namesATime && retryAtMs !== null ? Math.max(0, retryAtMs - nowMs) : null;
  return { code, askedMs, status, closeCode };
}

/** A failure that was found on this side. */
export const failed = (code: ErrorCode): StreamFailure => ({
  code,
  askedMs: null,
  status: null,
  closeCode: null,
});

function codeOf({ status, closeCode, isTooLarge }: StreamEnd): ErrorCode {
  if (status !== null) return codeOfStatus(status);
  if (isTooLarge) return 'too_large';
  if (closeCode === POLICY_VIOLATION) return 'rate_limited';
  return closeCode === PROTOCOL_ERROR ? 'bad_response' : 'unavailable';
}
