/** What the page does to the browser around it: title, attributes, cookies, other tabs, keys. */

import { effect } from '@preact/signals';
import type { Live, Visibility } from '../live/index.ts';
import type { Controls } from './controls.ts';
import type { Preferences } from './page.ts';
import {
  addressAfter,
  type Choice,
  choiceBetween,
  nextTheme,
  otherLanguage,
  parseChoice,
  preferenceCookies,
  readShortcuts,
  shortcutsCookie,
} from './preferences.ts';
import { listenForShortcuts } from './shortcuts.ts';
import { shownNow, titleText } from './speech.ts';
import { THEME_COLORS } from './theme-color.ts';

/** Other tabs of the same origin listen here. */
const CHANNEL = 'marketcast';

/** Whether the page can be seen; a page that comes back out of the browser's cache counts as a change. */
export const pageVisibility: Visibility = {
  isHidden: () => document.hidden,
  onChange(listener) {
    document.addEventListener('visibilitychange', listener);
    window.addEventListener('pageshow', listener);
    return () => {
      document.removeEventListener('visibilitychange', listener);
      window.removeEventListener('pageshow', listener);
    };
  },
};

/**
 * When the page's first byte arrived, on the monotonic clock; the start of the navigation where that is not told.
 * `null` for a page that came, or may have come, from the browser's cache ("back", a tab restored): it says nothing of now.
 */
export function receivedAtMs(): number | null {
  const [navigation] = performance.getEntriesByType('navigation');
  if (!(navigation instanceof PerformanceNavigationTiming)) return 0;
  const isKept = navigation.type === 'back_forward' || navigation.transferSize === 0;
  return isKept ? null : navigation.responseStart;
}

/** Nobody reads a title faster, and each costs the browser as much as a card. */
const TITLE_EVERY_MS = 1000;

/** The title follows language and state at once, the price once a second. */
export function followTitle(live: Live, controls: Controls): void {
  let written = '';
  let isDue = false;
  const write = () => {
    isDue = false;
    document.title = titleText(controls.words.peek(), live.figures.btc.peek(), shownNow(live));
  };
  effect(() => {
    const urgent = `${controls.words.value.language} ${live.figures.btc.value.state}`;
    if (urgent !== written) write();
    else if (!isDue) {
      isDue = true;
      setTimeout(write, TITLE_EVERY_MS);
    }
    written = urgent;
  });
}

function applyPreferences({ language, theme, colours }: Preferences): void {
  const root = document.documentElement;
  root.lang = language;
  root.dataset.theme = theme;
  root.dataset.colours = colours;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const device = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = THEME_COLORS[theme === 'system' ? device : theme];
  }
}

function keepCookie(cookie: string): void {
  // Not the Cookie Store: that is not there on plain http, and not in every browser.
  document.cookie = cookie;
}

/** Otherwise a page that was opened with `?lang=` would undo the choice at a reload. */
function keepAddress(choice: Choice): void {
  const address = addressAfter(choice, location.href);
  if (address !== location.href) history.replaceState(history.state, '', address);
}

/**
 * Keeps choices in cookies and tells other tabs of them; takes theirs. No request is made. Only what was chosen is kept:
 * what the address asked for, or the browser's own language, is of this page alone.
 */
export function keepPreferences(controls: Controls): void {
  const channel = new BroadcastChannel(CHANNEL);
  let known = controls.preferences.peek();
  channel.addEventListener('message', (event) => {
    const choice = parseChoice(event.data);
    // Another tab's choice is its own to keep; here it is only followed.
    known = { ...known, ...choice };
    controls.choose(choice);
    keepAddress(choice);
  });
  effect(() => {
    const preferences = controls.preferences.value;
    applyPreferences(preferences);
    const choice = choiceBetween(known, preferences);
    if (Object.keys(choice).length === 0) return;
    known = preferences;
    preferenceCookies(choice).forEach(keepCookie);
    keepAddress(choice);
    channel.postMessage(choice);
  });
}

/** The keys act while they are switched on; whether they are is kept. */
export function bindShortcuts(controls: Controls): void {
  controls.setShortcuts(readShortcuts(document.cookie));
  let known = controls.hasShortcuts.peek();
  effect(() => {
    const isOn = controls.hasShortcuts.value;
    if (isOn !== known) keepCookie(shortcutsCookie(isOn));
    known = isOn;
  });
  listenForShortcuts(
    () => controls.hasShortcuts.peek(),
    (shortcut) => {
      const now = controls.preferences.peek();
      if (shortcut === 'refresh') void controls.refresh();
      else if (shortcut === 'pause') controls.togglePause();
      else if (shortcut === 'language') controls.choose({ language: otherLanguage(now.language) });
      else controls.choose({ theme: nextTheme(now.theme) });
    },
  );
}
