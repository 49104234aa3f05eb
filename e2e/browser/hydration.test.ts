import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { PATHS } from '../../contract/index.ts';
import { type Stage, setStage } from '../stage.ts';
import { until } from '../until.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

/** What taking over changed, as it happened. */
interface Changes {
  /** Elements that came or went: the browser did not draw what the server had drawn. */
  readonly elements: string[];
  /** Texts that were written anew: before and after. */
  readonly texts: [before: string, after: string][];
  readonly attributes: string[];
}

declare global {
  interface Window {
    changes: Changes;
  }
}

/** Watches from the end of parsing, which is before the page's own script. */
function watchTakeOver(): void {
  const changes: Changes = { elements: [], texts: [], attributes: [] };
  window.changes = changes;
  const watch = (mutations: MutationRecord[]) => {
    for (const { type, target, addedNodes, removedNodes, attributeName, oldValue } of mutations) {
      if (type === 'childList') {
        const named = [...addedNodes, ...removedNodes].map((node) => node.nodeName);
        changes.elements.push(`${target.nodeName}: ${named.join()}`);
      } else if (type === 'characterData') {
        changes.texts.push([oldValue ?? '', target.textContent ?? '']);
      } else changes.attributes.push(`${target.nodeName} ${attributeName}`);
    }
  };
  document.addEventListener('readystatechange', () => {
    if (document.readyState !== 'interactive') return;
    new MutationObserver(watch).observe(document.body, {
      attributes: true,
      characterData: true,
      characterDataOldValue: true,
      childList: true,
      subtree: true,
    });
  });
}

/** What is drawn of the past comes when it is near, by itself; here it never is. */
function leaveChartsOut(): void {
  IntersectionObserver.prototype.observe = () => {};
}

/** A page whose WebSocket opens and never says a word, so that nothing but the take-over changes it. */
async function takenOver(locale: string): Promise<Page> {
  const page = await stage.visits.open(stage.server.url, {
    locale,
    timezoneId: 'Asia/Ho_Chi_Minh',
    async prepare(fresh) {
      await fresh.addInitScript(leaveChartsOut);
      await fresh.addInitScript(watchTakeOver);
      await fresh.routeWebSocket(/\/ws$/, () => {});
    },
  });
  // Ages have begun: the script has done all it does by itself.
  await until(
    () => page.locator('time').first().textContent(),
    (text) => text?.includes('UTC') === false,
  );
  return page;
}

/** What stands for a time: `11:45 UTC`, a date, or an age. */
const TIME = /UTC|\d{4}|ago|trước|vừa xong|just now|in \d|sau \d|any moment|ngay bây giờ|due|chờ/;

describe('the browser takes over what the server has drawn', () => {
  for (const locale of ['en-US', 'vi-VN']) {
    test(`and changes no element, no attribute and no text but times (${locale})`, async () => {
      const page = await takenOver(locale);
      const changes = await page.evaluate(() => window.changes);
      expect(changes.elements).toEqual([]);
      expect(changes.attributes).toEqual([]);
      expect(changes.texts.length).toBeGreaterThan(0);
      expect(changes.texts.filter(([before]) => !TIME.test(before))).toEqual([]);
      expect(changes.texts.filter(([, after]) => !TIME.test(after))).toEqual([]);
    });
  }

  test('and shows the same texts at the same places', async () => {
    const page = await takenOver('en-US');
    const html = await (
      await fetch(stage.server.url + PATHS.page, { headers: { 'accept-language': 'en' } })
    ).text();
    const [served, shown] = await page.evaluate((source) => {
      const texts = (root: ParentNode) =>
        [...root.querySelectorAll('body *:not(script)')].map((element) =>
          [element.nodeName, ...[...element.childNodes].map((node) => node.nodeValue)].join('|'),
        );
      return [texts(new DOMParser().parseFromString(source, 'text/html')), texts(document)];
    }, html);
    expect(shown).toHaveLength(served.length);
    expect(shown.length).toBeGreaterThan(100);
    const different = served.filter((text, index) => text !== shown[index]);
    expect(different.filter((text) => !TIME.test(text))).toEqual([]);
  });
});
