/** `/api/crypto/history`: what the charts draw, in the bytes of one rendition for everybody who asks. */

import type { HistoryFormat } from '../../contract/index.ts';
import type { History, HistoryQuery, Rendition } from '../history/history.ts';
import { answer, answerError, type HeaderFields } from './answers.ts';
import { createEncodedBody, type EncodedBody } from './encoded-body.ts';
import { readHistoryQuery } from './history-query.ts';
import { matchesETag } from './negotiation.ts';
import { answerPreflight, createReadableHeaders } from './readable-headers.ts';
import type { Route } from './route.ts';

/** A rendition as it is sent; made once and shared by all who ask. */
interface Representation {
  /** Weak: the same for every encoding. */
  readonly etag: string;
  readonly body: EncodedBody;
}

/** RFC 4180: the first line names the columns. */
const CONTENT_TYPES: Readonly<Record<HistoryFormat, string>> = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8; header=present',
};

/**
 * The route of the history.
 * @param allowedOrigins sites that may read it from a browser
 */
export function createHistoryRoute(history: History, allowedOrigins: ReadonlySet<string>): Route {
  // Goes with the rendition: when that was made anew, nobody can ask for the old one's bytes any more.
  const represented = new WeakMap<Rendition, Representation>();
  const represent = (rendition: Rendition): Representation => {
    const kept = represented.get(rendition);
    if (kept) return kept;
    const representation = representationOf(rendition.body);
    represented.set(rendition, representation);
    return representation;
  };
  const readableHeaders = createReadableHeaders(allowedOrigins);

  return {
    methods: ['GET', 'OPTIONS'],
    handle({ request, query }) {
      const headers = readableHeaders(request);
      if (request.method === 'OPTIONS') return answerPreflight(headers);
      const read = readHistoryQuery(query, history);
      if ('code' in read) return answerError(400, read.code, read.message, headers);
      const rendition = history.render(read);
      const { etag, body } = represent(rendition);
      const cached = {
        ...headers,
        ETag: etag,
        'Cache-Control': `public, max-age=${rendition.goodForS()}`,
      };
      if (matchesETag(request.headers.get('if-none-match'), etag)) return answer(304, null, cached);
      const encoded = body.for(request.headers.get('accept-encoding'));
      return answer(200, encoded.bytes, { ...typeOf(read), ...encoded.headers, ...cached });
    },
  };
}

function representationOf(text: string): Representation {
  const body = createEncodedBody(text, ['br', 'gzip']);
  return { etag: `W/"${Bun.hash(body.plain).toString(36)}"`, body };
}

/** CSV is for programs that open files: it comes with a name, without the colon, which no Windows file may have. */
function typeOf({ series, range, format }: HistoryQuery): HeaderFields {
  const type = { 'Content-Type': CONTENT_TYPES[format] };
  if (format === 'json') return type;
  const file = `marketcast-${series.replace(':', '-')}-${range}.csv`;
  return { ...type, 'Content-Disposition': `attachment; filename="${file}"` };
}
