/** The page in the browser: takes over what the server rendered, then keeps it alive. */

import { hydrate } from 'preact';
import { systemClock } from '../../contract/index.ts';
import { type Connection, connect, createLive } from '../live/index.ts';
import { App } from './app.tsx';
import {
  bindShortcuts,
  followTitle,
  keepPreferences,
  pageVisibility,
  receivedAtMs,
} from './browser.ts';
import { createControls } from './controls.ts';
import { EMBEDDED_ID, ROOT_ID, readEmbedded } from './embedded.ts';

const elementOf = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element;
};

const {
  document: marketDocument,
  position,
  renderedAtMs,
  appVersion,
  isLoopback,
  ...preferences
} = readEmbedded(elementOf(EMBEDDED_ID).textContent ?? '');
const live = createLive(
  { clock: systemClock, visibility: pageVisibility },
  { document: marketDocument, renderedAtMs, receivedAtMs: receivedAtMs() },
);
let connection: Connection | null = null;
const controls = createControls({
  live,
  clock: systemClock,
  preferences,
  appVersion,
  isDeviceOffline: () => !navigator.onLine,
  ask: async () => (connection ? connection.refresh() : { status: 'failed' }),
});

hydrate(<App live={live} controls={controls} isLoopback={isLoopback} />, elementOf(ROOT_ID));

// Clock, zone and cookies may speak only now that the server's markup has been taken over.
controls.setTimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
keepPreferences(controls);
bindShortcuts(controls);
followTitle(live, controls);
connection = connect(live, { document: marketDocument, position });
controls.start();
live.start();
