/** What a test draws a widget from. */

import type { DashboardDocument } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { type Language, translator } from '../i18n/index.ts';
import { createLive, type LiveInput } from '../live/index.ts';
import { TEST_NOW_MS } from '../live/test-document.ts';
import type { Words } from './widget.ts';

const ALWAYS_SEEN = { isHidden: () => false, onChange: () => () => {} };

/** A page at one moment. */
export interface TestPage {
  readonly live: LiveInput;
  readonly words: Words;
}

/** The first paint of a document, in one language, in UTC; `nowMs` is the server's clock. */
export function testPage(
  document: DashboardDocument,
  language: Language = 'en',
  nowMs: number = TEST_NOW_MS,
): TestPage {
  const clock = createManualClock(nowMs);
  const live = createLive({ clock, visibility: ALWAYS_SEEN }, { document, renderedAtMs: nowMs });
  return { live, words: { language, t: translator(language), timeZone: 'UTC' } };
}

/** As `testPage`, after the page has come alive in Hanoi. */
export function liveTestPage(document: DashboardDocument, language: Language = 'en'): TestPage {
  const page = testPage(document, language);
  page.live.start();
  return { live: page.live, words: { ...page.words, timeZone: 'Asia/Ho_Chi_Minh' } };
}

/** The text of markup, as a reader sees it. */
export const textOf = (html: string): string =>
  html
    .replace(/<[^>]+>/g, '|')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('\u00a0', ' ')
    .replace(/\|+/g, '|');
