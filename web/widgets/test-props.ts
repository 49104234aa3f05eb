/** What a test draws a widget from. */

import type { DashboardDocument } from '../../contract/index.ts';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { type Language, translator } from '../i18n/index.ts';
import { createLive, type LiveInput } from '../live/index.ts';
import { TEST_NOW_MS, testDocument } from '../live/test-document.ts';
import { answerHistory, type TestSeries } from '../live/test-history.ts';
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

/** As `testPage`, in English, with an answer to every question about the past; it comes when the clock goes on. */
export function historyPage(
  made: TestSeries,
  document: DashboardDocument = testDocument(),
): TestPage & { readonly clock: ManualClock } {
  const clock = createManualClock(TEST_NOW_MS);
  const live = createLive(
    {
      clock,
      visibility: ALWAYS_SEEN,
      fetch: async (path) =>
        Response.json(answerHistory(new URLSearchParams(path.split('?')[1]), made)),
    },
    { document, renderedAtMs: TEST_NOW_MS },
  );
  return { clock, live, words: { language: 'en', t: translator('en'), timeZone: 'UTC' } };
}

/** The text of markup, as a reader sees it. */
export const textOf = (html: string): string =>
  html
    .replace(/<[^>]+>/g, '|')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('\u00a0', ' ')
    .replace(/\|+/g, '|');
