/** The page as it is served, with documents that a test makes up: what no upstream says on demand can be looked at too. */

import { type Browser, chromium } from 'playwright-core';
import {
  type DashboardDocument,
  type HistoryBody,
  NO_POSITION,
  PATHS,
  type Position,
  type ServerFrame,
} from '../../contract/index.ts';
import { buildPage } from './build.ts';
import type { PageInput, Preferences } from './page.ts';
import { renderPage } from './render.tsx';

const APP_VERSION = '0.0.0+test';

/** A site. */
export interface TestSite {
  /** Renders the page from a document; a language, a theme and a pair are asked for in the query. */
  readonly url: string;
  /** The page's next first paint, and what is sent to whoever connects. */
  show(document: DashboardDocument, nowMs?: number): void;
  /** Sends a frame to every page. */
  send(frame: ServerFrame): void;
  /** Queries of the history endpoint so far, in the order in which they came. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** How a {@link TestSite} answers. */
export interface TestSiteOptions {
  /** `false`: a socket opens and never says a word. */
  readonly isTalking?: boolean;
  readonly nowMs?: number;
  /** What the history endpoint says; 503 without it, and where it gives `null`. */
  readonly history?: (query: URLSearchParams) => HistoryBody | null;
}

/** @param first the document of the first paint */
export async function startTestSite(
  first: DashboardDocument,
  { isTalking = true, nowMs = Date.now(), history = () => null }: TestSiteOptions = {},
): Promise<TestSite> {
  const assets = await buildPage();
  let shown = { document: first, nowMs };
  let position: Position = { ...NO_POSITION, epoch: 1 };
  const asked: string[] = [];
  const input = (query: URLSearchParams): PageInput => ({
    ...preferencesOf(query),
    ...shown,
    position,
    assets,
    appVersion: APP_VERSION,
    isLoopback: false,
  });
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request, self) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === PATHS.socket && self.upgrade(request)) return undefined;
      if (pathname === PATHS.page) {
        const headers = { 'content-type': 'text/html; charset=utf-8' };
        return new Response(renderPage(input(searchParams)), { headers });
      }
      if (pathname === PATHS.history) {
        asked.push(String(searchParams));
        const body = history(searchParams);
        return body ? Response.json(body) : new Response(null, { status: 503 });
      }
      const file = assets.files.find(({ path }) => path === pathname);
      return file
        ? new Response(file.bytes, { headers: { 'content-type': file.contentType } })
        : new Response(null, { status: 404 });
    },
    websocket: {
      open(socket) {
        socket.subscribe('frames');
        if (!isTalking) return;
        for (const frame of greeting(shown.document, position, shown.nowMs)) {
          socket.send(JSON.stringify(frame));
        }
      },
      message(socket, message) {
        if (message === 'ping') socket.send('pong');
      },
    },
  });
  return {
    asked,
    url: `http://127.0.0.1:${server.port}${PATHS.page}`,
    show(document, at = Date.now()) {
      shown = { document, nowMs: at };
      position = { epoch: position.epoch, seq: position.seq + 1 };
    },
    send: (frame) => {
      server.publish('frames', JSON.stringify(frame));
    },
    stop: () => server.stop(true),
  };
}

const greeting = (
  document: DashboardDocument,
  { epoch, seq }: Position,
  nowMs: number,
): ServerFrame[] => [
  { type: 'dashboard_update', epoch, seq, data: document },
  {
    type: 'hello',
    server_time: new Date(nowMs).toISOString(),
    app_version: APP_VERSION,
    poll_interval_s: 30,
    degraded: [],
  },
];

const preferencesOf = (query: URLSearchParams): Preferences => ({
  language: query.get('lang') === 'vi' ? 'vi' : 'en',
  theme: query.get('theme') === 'dark' ? 'dark' : 'light',
  colours: 'green-red',
});

/** Starts the system's Chromium. */
export async function startChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? Bun.which('chromium');
  if (!executablePath) throw new Error('chromium is missing: install it or set CHROMIUM_PATH');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}
