/** Opens pages as visitors do, and writes down everything that must never happen in any of them. */

import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { PATHS } from '../contract/index.ts';

/** How a page is visited. Every visitor has a profile of his own: no cookie, no cache. */
export interface VisitOptions extends BrowserContextOptions {
  /** Where; the page without a query by default. */
  readonly path?: string;
  /** The test itself cuts the network or has requests refused: what the browser says of that is no trouble. */
  readonly networkFails?: boolean;
  /** Before the page is loaded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** The visitors of one test. */
export interface Visits {
  /** @param origin of the server, e.g. `http://127.0.0.1:8000` */
  open(origin: string, options?: VisitOptions): Promise<Page>;
  /** One more tab of the same visitor. */
  openTab(page: Page): Promise<Page>;
  /**
   * Closes every page.
   * @returns errors and warnings of the console, uncaught errors, breaches of the policy, requests to another origin
   */
  end(): Promise<string[]>;
}

/** English and wide unless a test says otherwise. */
const DEFAULTS = { locale: 'en-US', viewport: { width: 1280, height: 900 } } as const;

/** What the browser itself says of requests that fail. */
const NETWORK = /^(?:WebSocket connection to|Failed to load resource:)/;

/** @param browser stays open */
export function createVisits(browser: Browser): Visits {
  const contexts: BrowserContext[] = [];
  const troubles: string[] = [];
  return {
    async open(origin, options = {}) {
      const { path = PATHS.page, networkFails = false, prepare, ...context } = options;
      const visitor = await browser.newContext({ ...DEFAULTS, ...context });
      contexts.push(visitor);
      await record(visitor, origin, (trouble) => {
        if (!networkFails || !NETWORK.test(trouble)) troubles.push(trouble);
      });
      const page = await visitor.newPage();
      await prepare?.(page);
      await page.goto(origin + path);
      return page;
    },
    async openTab(page) {
      const tab = await page.context().newPage();
      await tab.goto(page.url());
      return tab;
    },
    async end() {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
      return troubles.splice(0);
    },
  };
}

async function record(
  context: BrowserContext,
  origin: string,
  trouble: (text: string) => void,
): Promise<void> {
  const visit = (address: string) => {
    const url = new URL(address);
    const isOwn = url.host === new URL(origin).host || ['data:', 'blob:'].includes(url.protocol);
    if (!isOwn) trouble(`a request to another origin: ${address}`);
  };
  context.on('request', (request) => visit(request.url()));
  context.on('page', (page) => page.on('websocket', (socket) => visit(socket.url())));
  context.on('weberror', (error) => trouble(`uncaught: ${error.error()}`));
  context.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type())) trouble(message.text());
  });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      reportError(new Error(`against the policy: ${violatedDirective} ${blockedURI}`)),
    );
  });
}
