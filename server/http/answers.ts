/** Answers with the headers that every answer carries, and errors in their one shape. */

import type { ErrorBody, HttpErrorCode } from '../../contract/index.ts';

/** Header fields by name. */
export type HeaderFields = Readonly<Record<string, string>>;

/** What an answer can carry. */
export type Body = string | Uint8Array<ArrayBuffer> | null;

/** Nothing but this server's own files runs or loads; nobody else's page frames it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** On every answer, errors and files too. */
export const SECURITY_HEADERS: HeaderFields = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy':
    'camera=(), geolocation=(), microphone=(), payment=(), usb=(), screen-wake-lock=(self)',
  'Cross-Origin-Opener-Policy': 'same-origin',
  // Of no effect on a fetch with CORS; keeps other sites from embedding what they may not read.
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const JSON_HEADERS: HeaderFields = { 'Content-Type': 'application/json' };

/** An answer with the security headers. */
export const answer = (status: number, body: Body, headers: HeaderFields): Response =>
  new Response(body, { status, headers: { ...SECURITY_HEADERS, ...headers } });

/** An answer of JSON that is already text. */
export const answerJson = (status: number, json: string, headers: HeaderFields): Response =>
  answer(status, json, { ...JSON_HEADERS, ...headers });

/** An error: a stable code and a sentence, kept by no cache. */
export function answerError(
  status: number,
  code: HttpErrorCode,
  message: string,
  headers: HeaderFields = {},
): Response {
  const body: ErrorBody = { error: { code, message } };
  return answerJson(status, JSON.stringify(body), { 'Cache-Control': 'no-store', ...headers });
}

/** The `Retry-After` header for a wait; at least a second, or a client would ask again at once. */
export const retryAfter = (seconds: number): HeaderFields => ({
  'Retry-After': String(Math.max(1, Math.ceil(seconds))),
});
