/** `/api/crypto/dashboard-summary`: the document, in the leader's bytes. */

import { isEmpty, toETag } from '../../contract/index.ts';
import type { Broker, Version } from '../broker/broker.ts';
import { answer, answerError, type Body, retryAfter } from './answers.ts';
import { matchesETag, pickEncoding } from './negotiation.ts';
import { corsHeaders } from './origin.ts';
import type { Call, Route } from './route.ts';

/** The first round at start takes less than this, unless no source answers. */
const EMPTY_RETRY_AFTER_S = 5;
/** How long a browser may remember that it may ask. */
const PREFLIGHT_MAX_AGE_S = 600;

/** A version as it is sent; made once per version and shared by all who ask. */
interface Representation {
  readonly version: Version;
  readonly etag: string;
  readonly isEmpty: boolean;
  readonly plain: Uint8Array<ArrayBuffer>;
  gzip: Uint8Array<ArrayBuffer> | null;
}

/**
 * The route of the summary.
 * @param allowedOrigins sites that may read it from a browser
 */
export function createSummaryRoute(broker: Broker, allowedOrigins: ReadonlySet<string>): Route {
  let current: Representation | null = null;
  const represent = (): Representation => {
    const version = broker.held();
    if (current?.version !== version) current = representationOf(version);
    return current;
  };
  const vary = allowedOrigins.size > 0 ? 'Accept-Encoding, Origin' : 'Accept-Encoding';
  const sharedHeaders = (call: Call) => ({
    Vary: vary,
    ...corsHeaders(call.request.headers.get('origin'), allowedOrigins),
  });

  return {
    methods: ['GET', 'OPTIONS'],
    handle(call) {
      const headers = sharedHeaders(call);
      if (call.request.method === 'OPTIONS') return answerPreflight(headers);
      const held = represent();
      if (held.isEmpty) {
        return answerError(503, 'no_figures_yet', 'No figure has been read yet.', {
          ...headers,
          ...retryAfter(EMPTY_RETRY_AFTER_S),
        });
      }
      const cached = { ...headers, ETag: held.etag, 'Cache-Control': 'no-cache' };
      if (matchesETag(call.request.headers.get('if-none-match'), held.etag)) {
        return answer(304, null, cached);
      }
      return answerBytes(call, held, cached);
    },
  };
}

function representationOf(version: Version): Representation {
  return {
    version,
    etag: toETag(version),
    isEmpty: isEmpty(version.document),
    plain: new TextEncoder().encode(version.json),
    gzip: null,
  };
}

function answerBytes(call: Call, held: Representation, headers: Record<string, string>): Response {
  const encoding = pickEncoding(call.request.headers.get('accept-encoding'), ['gzip']);
  let body: Body = held.plain;
  if (encoding === 'gzip') {
    held.gzip ??= Bun.gzipSync(held.plain);
    body = held.gzip;
  }
  const type = { 'Content-Type': 'application/json' };
  const encoded = encoding === 'identity' ? type : { ...type, 'Content-Encoding': encoding };
  return answer(200, body, { ...encoded, ...headers });
}

const answerPreflight = (headers: Record<string, string>): Response => {
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
};
