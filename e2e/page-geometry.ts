/** What must never happen to the page's boxes, whatever its width and the size of its letters. */

import type { Page } from 'playwright-core';

/** Hardly wider or narrower: two boxes may share a line of pixels. */
const PIXEL = 1;

/** How much wider the page is than its window. */
export const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Texts that stick out of the card they belong to, or out of the window. */
export const stickingOut = (page: Page) =>
  page.evaluate((pixel) => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element?.checkVisibility() || element.closest('.hidden, .skip')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const text = range.getBoundingClientRect();
      const frame = (element.closest('.card') ?? document.documentElement).getBoundingClientRect();
      if (text.width > 0 && (text.right > frame.right + pixel || text.left < frame.left - pixel)) {
        found.push(`${element.closest('section')?.className}: ${node.nodeValue}`);
      }
    }
    return found;
  }, PIXEL);

/** Texts that lie on other texts, and cards that lie on other cards. */
export const overlaps = (page: Page) =>
  page.evaluate((pixel) => {
    interface Box {
      readonly name: string;
      readonly rect: DOMRect;
    }
    const boxes: Box[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element?.checkVisibility() || element.closest('.hidden, .skip, script')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        if (rect.width > 0) boxes.push({ name: node.nodeValue ?? '', rect });
      }
    }
    const hits = (list: readonly Box[], slack: number) =>
      list.flatMap((a, index) =>
        list
          .slice(index + 1)
          .filter(
            (b) =>
              Math.min(a.rect.right, b.rect.right) - Math.max(a.rect.left, b.rect.left) > slack &&
              Math.min(a.rect.bottom, b.rect.bottom) - Math.max(a.rect.top, b.rect.top) > slack,
          )
          .map((b) => `${a.name} × ${b.name}`),
      );
    const cards = [...document.querySelectorAll('main section, header.head, footer.page')];
    return [
      // A line box is a little taller than its letters.
      ...hits(boxes, 4 * pixel),
      ...hits(
        cards.map((element) => ({
          name: element.className,
          rect: element.getBoundingClientRect(),
        })),
        pixel,
      ),
    ];
  }, PIXEL);
