import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { card, headings, linkWords, live, saysText } from '../dashboard-page.ts';
import { firstRound, type Stage, setStage } from '../stage.ts';
import type { RunningServer } from '../start-server.ts';

const WIDTHS = [320, 375, 768, 1024, 1440];
const LOCALES = ['vi-VN', 'en-US'];
/** Hardly wider or narrower: two boxes may share a line of pixels. */
const PIXEL = 1;

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ TAAPI_SECRET: 'any-secret' });
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

const open = (width: number, locale: string) =>
  stage.visits.open(stage.server.url, { locale, viewport: { width, height: 800 } });

const isLive = (page: Page) => saysText(linkWords(page), /^(Live|Trực tiếp)$/);

/** How much wider the page is than its window. */
const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Texts that stick out of the card they belong to, or out of the window. */
const stickingOut = (page: Page) =>
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
const overlaps = (page: Page) =>
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

/** Words of the first text that the second does not have as often; numbers aside, since ages tick. */
function missing(before: string, after: string): string[] {
  const words = (text: string) => text.split(/\s+/).filter((word) => !/\d/.test(word));
  const left = words(after);
  return words(before).filter((word) => {
    const index = left.indexOf(word);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

describe('the page', () => {
  for (const locale of LOCALES) {
    for (const width of WIDTHS) {
      test(`${width} px wide has no sideways scrolling and nothing on top of anything (${locale})`, async () => {
        const page = await open(width, locale);
        await card(page, (await headings(page))[0] ?? '').waitFor();
        expect(await sideways(page)).toBe(0);
        expect(await stickingOut(page)).toEqual([]);
        expect(await overlaps(page)).toEqual([]);
      });
    }

    test(`with text twice as large loses nothing at 1280 px (${locale})`, async () => {
      const page = await open(1280, locale);
      await isLive(page);
      const before = await page.locator('body').innerText();
      await page.evaluate(() => document.documentElement.style.setProperty('font-size', '32px'));
      expect(await sideways(page)).toBe(0);
      expect(await stickingOut(page)).toEqual([]);
      expect(await overlaps(page)).toEqual([]);
      const after = await page.locator('body').innerText();
      expect(missing(before, after)).toEqual([]);
    });
  }
});

/** Gives every coin but Bitcoin a price from a while ago: on its way to the page, for no upstream is asked for so many. */
async function withOldCoins(page: Page): Promise<void> {
  const asOf = new Date(Date.now() - 600_000).toISOString();
  const old = { price_usd: 2804.12, change_24h: -10.84, source: 'binance', as_of: asOf };
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => {
      const frame = text === 'pong' ? null : JSON.parse(String(text));
      if (frame?.type !== 'dashboard_update') return socket.send(text);
      for (const symbol of Object.keys(frame.data.coins)) {
        if (symbol !== 'BTC') Object.assign(frame.data.coins[symbol], old, { state: 'stale' });
      }
      socket.send(JSON.stringify(frame));
    });
  });
  await page.reload();
}

describe('coins that are out of date', () => {
  for (const locale of LOCALES) {
    for (const width of [320, 768, 1024]) {
      test(`say so on one line each at ${width} px (${locale})`, async () => {
        const page = await open(width, locale);
        await withOldCoins(page);
        const notes = page.locator('.coin-table .note');
        await saysText(notes.first(), /10\sphút trước|10\smin ago/);
        const heights = (selector: string) =>
          page
            .locator(selector)
            .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
        const lines = await heights('.coin-table .note');
        expect(lines.length).toBeGreaterThan(1);
        expect(Math.max(...lines)).toBeLessThan(20);
        // The height of a row that has no note.
        expect(new Set(await heights('.coin-table tbody tr'))).toEqual(new Set([44]));
        expect(await sideways(page)).toBe(0);
        expect(await stickingOut(page)).toEqual([]);
        expect(await overlaps(page)).toEqual([]);
      });
    }
  }
});

describe('a change of state', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await stage.addServer();
    await firstRound(server);
  });

  for (const locale of LOCALES) {
    for (const width of [375, 1280]) {
      test(`moves nothing under the head at ${width} px (${locale})`, async () => {
        const viewport = { width, height: 800 };
        const page = await stage.visits.open(server.url, { locale, viewport });
        const tops = () =>
          page
            .locator('main section')
            .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top)));
        await isLive(page);
        const before = await tops();
        await page.keyboard.press('p');
        await saysText(linkWords(page), /^(Paused|Tạm dừng)/);
        expect(await tops()).toEqual(before);
      });
    }
  }
});

describe('the controls', () => {
  const buttons = (page: Page) =>
    page
      .getByRole('banner')
      .getByRole('button')
      .evaluateAll((all) => all.map((button) => button.ariaLabel ?? button.textContent));

  test('are one menu on a phone, with everything in it', async () => {
    const page = await live(await open(375, 'en-US'));
    expect(await buttons(page)).toEqual(['Options']);
    await page.getByRole('button', { name: 'Options' }).click();
    const menu = page.locator('[popover]:popover-open');
    for (const name of ['Refresh figures', 'Pause updates']) {
      await menu.getByRole('button', { name }).waitFor();
    }
    for (const name of ['Language', 'Theme', 'Rise and fall colours']) {
      await menu.getByRole('group', { name }).waitFor();
    }
    await menu.getByRole('radio', { name: /Tiếng Việt/ }).check({ force: true });
    await saysText(page.locator('h2').first(), 'Giá Bitcoin');
    expect(await sideways(page)).toBe(0);
  });

  test('stand in the head on a wide screen', async () => {
    const page = await live(await open(1280, 'en-US'));
    expect(await buttons(page)).toEqual(['Refresh figures', 'Pause updates', 'Options']);
    expect(await page.getByRole('group', { name: 'Language' }).isVisible()).toBe(true);
  });

  test('are large enough to be hit: 24 px with a mouse, 44 px by touch', async () => {
    const sizes = (page: Page) =>
      page
        .getByRole('banner')
        .locator('button:visible, .segment:visible')
        .evaluateAll((all) =>
          all.map((one) => {
            const { width, height } = one.getBoundingClientRect();
            return Math.min(width, height);
          }),
        );
    const wide = await live(await open(1280, 'en-US'));
    expect(Math.min(...(await sizes(wide)))).toBeGreaterThanOrEqual(24);
    const touch = await stage.visits.open(stage.server.url, {
      viewport: { width: 375, height: 800 },
      hasTouch: true,
      isMobile: true,
    });
    await live(touch);
    expect(Math.min(...(await sizes(touch)))).toBeGreaterThanOrEqual(44);
  });
});
