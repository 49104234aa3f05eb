/** Where things are on the page, by what a visitor sees and what assistive technology is told. */

import type { Locator, Page } from 'playwright-core';
import { PATHS } from '../contract/index.ts';
import { until } from './until.ts';

/** The card under a heading. */
export const card = (page: Page, heading: string): Locator =>
  page
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: heading, exact: true }) });

/** The headings of all cards, in order. */
export const headings = async (page: Page): Promise<string[]> =>
  (await page.getByRole('heading', { level: 2 }).allTextContents()).map(plain);

/** How the figures come in, in the words that are seen. */
export const linkWords = (page: Page): Locator => page.locator('.link-words');

/** How the figures come in, in the words that are spoken. */
export const spokenWords = (page: Page): Locator => page.locator('.link [role="status"]');

/** The notices that stand. */
export const notices = (page: Page): Promise<string[]> =>
  page.locator('.notices .notice-text').allTextContents();

/** Resolves, with the page, when it is live; in English. */
export async function live(page: Page, withinMs?: number): Promise<Page> {
  await saysLink(page, 'Live', withinMs);
  return page;
}

/** Resolves, with the page, when its chart is drawn: its script has come. */
export async function charted(page: Page): Promise<Page> {
  await page.locator('.chart-strip').waitFor();
  return page;
}

/**
 * Addresses that a page asks for from now on; without those of its charts' series, which it asks for by itself as long
 * as its server fills its past.
 */
export function requestsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname !== PATHS.history) asked.push(request.url());
  });
  page.on('websocket', (socket) => asked.push(socket.url()));
  return asked;
}

/** Resolves when the head of the page says exactly this, or something like it. */
export const saysLink = (page: Page, words: string | RegExp, withinMs?: number): Promise<string> =>
  until(
    () => linkWords(page).textContent().then(plain),
    (text) => (typeof words === 'string' ? text === words : words.test(text)),
    withinMs,
  );

/** Resolves when a notice says so. */
export const saysNotice = (page: Page, words: RegExp, withinMs?: number): Promise<string[]> =>
  until(
    async () => (await notices(page)).map(plain),
    (texts) => texts.some((text) => words.test(text)),
    withinMs,
  );

/** Text with its non-breaking spaces as ordinary ones. */
export const plain = (text: string | null): string => (text ?? '').replaceAll('\u00a0', ' ');

/** The text of an element once it holds something, non-breaking spaces as ordinary ones. */
export const saysText = (place: Locator, words: string | RegExp, withinMs?: number) =>
  until(
    async () => plain(await place.textContent()),
    (text) => (typeof words === 'string' ? text.includes(words) : words.test(text)),
    withinMs,
  );
