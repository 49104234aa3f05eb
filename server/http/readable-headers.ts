/** What listed sites may read from a browser: the headers of such an answer, and of the question before it. */

import { answer, type HeaderFields } from './answers.ts';
import { corsHeaders } from './origin.ts';

/** How long a browser may remember that it may ask. */
const PREFLIGHT_MAX_AGE_S = 600;

/** The headers of every answer of an address that listed sites may read, errors too: `Vary` and those of CORS. */
export function createReadableHeaders(
  allowedOrigins: ReadonlySet<string>,
): (request: Request) => HeaderFields {
  const vary = allowedOrigins.size > 0 ? 'Accept-Encoding, Origin' : 'Accept-Encoding';
  return (request) => ({
    Vary: vary,
    ...corsHeaders(request.headers.get('origin'), allowedOrigins),
  });
}

/** The answer to `OPTIONS`. @param headers of {@link createReadableHeaders} for the same request */
export function answerPreflight(headers: HeaderFields): Response {
  const isAllowed = 'Access-Control-Allow-Origin' in headers;
  return answer(204, null, {
    ...headers,
    Allow: 'GET, HEAD, OPTIONS',
    ...(isAllowed && {
      'Access-Control-Allow-Methods': 'GET, HEAD',
      'Access-Control-Allow-Headers': 'If-None-Match',
      'Access-Control-Max-Age': String(PREFLIGHT_MAX_AGE_S),
    }),
  });
}
