/** Starts the system's Chromium for the tests: headless, with a fresh profile, and silent towards the outside. */

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Names under which systems install it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The profile is new for every start, so nothing else of the machine's settings has a say either. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `CHROMIUM_PATH`, then the PATH. */
function chromiumPath(): string {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`CHROMIUM_PATH names no file: ${named}`);
  }
  const found = NAMES.map((name) => Bun.which(name)).find((path) => path !== null);
  if (!found) throw new Error('chromium is missing: install it or set CHROMIUM_PATH');
  return found;
}

/** @throws Error when there is no Chromium */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath(), args: FLAGS });
