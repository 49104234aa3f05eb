/** `/crypto_report`: the page, rendered when somebody asks, and kept while it is true. */

import {
  type Clock,
  type DashboardDocument,
  judgedFigures,
  PATHS,
  staleAtMs,
} from '../../contract/index.ts';
import type { PageAssets, Preferences, RenderPage } from '../../web/app/page.ts';
import type { Broker } from '../broker/broker.ts';
import { answer } from './answers.ts';
import { createEncodedBody, type EncodedBody } from './encoded-body.ts';
import { readPreferences } from './preferences.ts';
import type { Route } from './route.ts';

/** What the page is rendered with. */
export interface PageDeps {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly renderPage: RenderPage;
  readonly assets: PageAssets;
  /** What this server's `hello` says of its version. */
  readonly appVersion: string;
}

/**
 * A page may be this much behind the document, and behind the time it names: at most one render a second for each choice
 * of preferences.
 */
const RENDER_INTERVAL_MS = 1_000;

/** A rendered page. There is one for each choice of preferences, which bounds their number. */
interface Rendered {
  readonly html: EncodedBody;
  /** On the monotonic clock. */
  readonly renderedAtMs: number;
  /** The page shows a figure as live until then, on the wall clock. */
  readonly trueUntilMs: number;
}

/** The server's bare address leads to the page. */
export const HOME_ROUTE: Route = {
  methods: ['GET'],
  handle: ({ query }) =>
    answer(302, null, { Location: `${PATHS.page}${query}`, 'Cache-Control': 'no-store' }),
};

/** The page's address with a slash at its end. */
export const PAGE_SLASH_PATH = `${PATHS.page}/`;

/** Another spelling of the page's address, and for good: browsers may remember that. */
export const PAGE_SLASH_ROUTE: Route = {
  methods: ['GET'],
  handle: ({ query }) => answer(308, null, { Location: `${PATHS.page}${query}` }),
};

/** The route of the page. */
export function createPageRoute(deps: PageDeps): Route {
  const pages = new Map<string, Rendered>();
  const pageFor = (preferences: Preferences, isLoopback: boolean): Rendered => {
    const key = `${preferences.language} ${preferences.theme} ${preferences.colours} ${isLoopback}`;
    const kept = pages.get(key);
    if (kept && isGood(kept, deps)) return kept;
    const page = render(deps, preferences, isLoopback);
    pages.set(key, page);
    return page;
  };
  return {
    methods: ['GET'],
    handle({ request, query, visitor }) {
      const preferences = readPreferences(request.headers, query);
      const page = pageFor(preferences, visitor().isLoopback);
      const headers = {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Language': preferences.language,
        // Asked for anew every time; `no-store` would also keep it from coming back at once on "back".
        'Cache-Control': 'no-cache',
        Vary: 'Cookie, Accept-Language, Accept-Encoding',
      };
      const encoded = page.html.for(request.headers.get('accept-encoding'));
      return answer(200, encoded.bytes, { ...headers, ...encoded.headers });
    },
  };
}

function isGood(page: Rendered, { clock }: PageDeps): boolean {
  if (clock.now() > page.trueUntilMs) return false;
  return clock.monotonic() - page.renderedAtMs < RENDER_INTERVAL_MS;
}

function render(deps: PageDeps, preferences: Preferences, isLoopback: boolean): Rendered {
  const { broker, clock, renderPage, assets, appVersion } = deps;
  const { document, epoch, seq } = broker.held();
  const position = { epoch, seq };
  const nowMs = clock.now();
  const html = renderPage({
    ...preferences,
    document,
    position,
    nowMs,
    assets,
    appVersion,
    isLoopback,
  });
  return {
    html: createEncodedBody(html, ['gzip']),
    renderedAtMs: clock.monotonic(),
    trueUntilMs: nextStaleMs(document, nowMs),
  };
}

/** When the next live figure turns stale; infinite when none is live. */
function nextStaleMs(document: DashboardDocument, nowMs: number): number {
  const deadlines = judgedFigures(document)
    .map(([, figure]) => staleAtMs(figure) ?? Number.POSITIVE_INFINITY)
    .filter((atMs) => atMs >= nowMs);
  return Math.min(Number.POSITIVE_INFINITY, ...deadlines);
}
