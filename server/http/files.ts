/** The page's files: under their hashes for ever, `/client.js` by its entity tag; and `/robots.txt`. */

import { PATHS } from '../../contract/index.ts';
import type { Asset } from '../../web/app/page.ts';
import { answer, type HeaderFields } from './answers.ts';
import { matchesETag, pickEncoding } from './negotiation.ts';
import type { Route } from './route.ts';

/** A path with a content hash never changes what it holds: a year, the longest that caches care for. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** A path without one is asked for again every time, and answered 304 while it is the same. */
const REVALIDATED = 'no-cache';

/** The library is for pages of other sites too; what it may then read, the summary's and the socket's own rules say. */
const FOR_ANY_SITE: HeaderFields = {
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

const ROBOTS = 'User-agent: *\nDisallow: /api/\n';

/** A route for each file, by path. */
export const fileRoutes = (files: readonly Asset[]): [path: string, route: Route][] =>
  files.map((file) => [file.path, fileRoute(file)]);

function fileRoute(file: Asset): Route {
  const offered = [
    ...(file.brotli ? (['br'] as const) : []),
    ...(file.gzip ? (['gzip'] as const) : []),
  ];
  const headers: HeaderFields = {
    'Content-Type': file.contentType,
    'Cache-Control': file.path.startsWith(PATHS.assets) ? IMMUTABLE : REVALIDATED,
    // Weak: the same for every encoding of the file.
    ETag: `W/"${Bun.hash(file.bytes).toString(36)}"`,
    Vary: 'Accept-Encoding',
    ...(file.path === PATHS.client && FOR_ANY_SITE),
  };
  return {
    methods: ['GET'],
    handle({ request }) {
      if (matchesETag(request.headers.get('if-none-match'), headers.ETag ?? '')) {
        return answer(304, null, headers);
      }
      const encoding = pickEncoding(request.headers.get('accept-encoding'), offered);
      if (encoding === 'br')
        return answer(200, file.brotli, { ...headers, 'Content-Encoding': 'br' });
      if (encoding === 'gzip') {
        return answer(200, file.gzip, { ...headers, 'Content-Encoding': 'gzip' });
      }
      return answer(200, file.bytes, headers);
    },
  };
}

/** What crawlers may read: the page, not the figures' address. */
export const ROBOTS_ROUTE: Route = {
  methods: ['GET'],
  handle: () =>
    answer(200, ROBOTS, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'public, max-age=86400',
    }),
};
