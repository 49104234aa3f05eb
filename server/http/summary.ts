/** `/api/crypto/dashboard-summary`: the document, in the leader's bytes. */

import { isEmpty, toETag } from '../../contract/index.ts';
import type { Broker, Version } from '../broker/broker.ts';
import { answer, answerError, retryAfter } from './answers.ts';
import { createEncodedBody, type EncodedBody } from './encoded-body.ts';
import { matchesETag } from './negotiation.ts';
import { answerPreflight, createReadableHeaders } from './readable-headers.ts';
import type { Route } from './route.ts';

/** The first round at start takes less than this, unless no source answers. */
const EMPTY_RETRY_AFTER_S = 5;

/** A version as it is sent; made once per version and shared by all who ask. */
interface Representation {
  readonly version: Version;
  readonly etag: string;
  readonly isEmpty: boolean;
  readonly body: EncodedBody;
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
  const readableHeaders = createReadableHeaders(allowedOrigins);

  return {
    methods: ['GET', 'OPTIONS'],
    handle({ request }) {
      const headers = readableHeaders(request);
      if (request.method === 'OPTIONS') return answerPreflight(headers);
      const held = represent();
      if (held.isEmpty) {
        return answerError(503, 'no_figures_yet', 'No figure has been read yet.', {
          ...headers,
          ...retryAfter(EMPTY_RETRY_AFTER_S),
        });
      }
      const cached = { ...headers, ETag: held.etag, 'Cache-Control': 'no-cache' };
      if (matchesETag(request.headers.get('if-none-match'), held.etag)) {
        return answer(304, null, cached);
      }
      const encoded = held.body.for(request.headers.get('accept-encoding'));
      const type = { 'Content-Type': 'application/json' };
      return answer(200, encoded.bytes, { ...type, ...encoded.headers, ...cached });
    },
  };
}

const representationOf = (version: Version): Representation => ({
  version,
  etag: toETag(version),
  isEmpty: isEmpty(version.document),
  body: createEncodedBody(version.json, ['gzip']),
});
