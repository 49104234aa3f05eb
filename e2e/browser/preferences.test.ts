import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { PATHS } from '../../contract/index.ts';
import {
  charted,
  headings,
  linkWords,
  live,
  plain,
  requestsOf,
  saysText,
} from '../dashboard-page.ts';
import { HEADINGS } from '../headings.ts';
import { type Stage, setStage } from '../stage.ts';
import { until } from '../until.ts';

/** A choice is drawn within this; with three times the slack it is a deadline. */
const TARGET_MS = 50;

const LIVE = { en: 'Live', vi: 'Trực tiếp' } as const;

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

const open = async (options: Parameters<Stage['visits']['open']>[1] = {}): Promise<Page> =>
  live(await stage.visits.open(stage.server.url, options));

const isIn = (page: Page, language: 'vi' | 'en') =>
  until(
    () => headings(page),
    (shown) => shown.join() === HEADINGS[language].join(),
  );

const cookies = async (page: Page) =>
  Object.fromEntries((await page.context().cookies()).map((cookie) => [cookie.name, cookie]));

/** Chooses one of a group of radio buttons, and measures until the page has drawn what it has to draw. */
const choose = (page: Page, group: string, value: string): Promise<number> =>
  page.evaluate(
    ([name, wanted]) => {
      const radio = document.querySelector(`input[name="${name}"][value="${wanted}"]`);
      const heading = document.querySelector('h2');
      if (!(radio instanceof HTMLElement) || !heading) throw new Error('no such choice');
      const before = heading.textContent;
      const begunAt = performance.now();
      return new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          if (wanted.length === 2 && heading.textContent === before) return;
          observer.disconnect();
          // What changed is drawn when the next frame has begun.
          requestAnimationFrame(() => resolve(performance.now() - begunAt));
        });
        observer.observe(document.documentElement, {
          attributes: true,
          characterData: true,
          childList: true,
          subtree: true,
        });
        radio.click();
      });
    },
    [group, value] as const,
  );

describe('the language', () => {
  for (const [locale, language] of [
    ['vi-VN', 'vi'],
    ['en-GB', 'en'],
    ['fr-FR', 'en'],
  ] as const) {
    test(`of a first visit is ${language} for a browser that speaks ${locale}`, async () => {
      const page = await stage.visits.open(stage.server.url, { locale });
      await isIn(page, language);
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      expect(await cookies(page)).toEqual({});
    });
  }

  test('changes everywhere at once, asks for nothing, and takes no time', async () => {
    const page = await charted(await open());
    const asked = requestsOf(page);
    const ms = await choose(page, 'language', 'vi');
    process.stdout.write(`language drawn in ${ms.toFixed(1)} ms (target < ${TARGET_MS} ms)\n`);
    expect(ms).toBeLessThan(3 * TARGET_MS);
    await isIn(page, 'vi');
    expect(await page.locator('html').getAttribute('lang')).toBe('vi');
    expect(plain(await page.title())).toBe('77.705,00 US$ · ▼ −1,41% · Bitcoin · Marketcast');
    expect(await linkWords(page).textContent()).toBe(LIVE.vi);
    expect(await page.getByRole('button', { name: 'Làm mới số liệu' }).isVisible()).toBe(true);
    expect(await page.locator('main').textContent()).not.toMatch(/Source|Neutral|Yesterday|Others/);
    await choose(page, 'language', 'en');
    await isIn(page, 'en');
    expect(asked).toEqual([]);
  });

  test('is kept in a cookie for a year and honoured by the server at the next visit', async () => {
    const page = await open();
    await choose(page, 'language', 'vi');
    const { lang } = await cookies(page);
    expect(lang).toMatchObject({ value: 'vi', sameSite: 'Lax', path: '/' });
    expect((lang?.expires ?? 0) * 1000 - Date.now()).toBeGreaterThan(364 * 86_400_000);
    const response = await page.reload();
    expect(response?.headers()['content-language']).toBe('vi');
    expect(await response?.text()).toContain('<html lang="vi"');
    await isIn(page, 'vi');
  });

  test('is followed by the other tabs of the browser', async () => {
    const page = await open();
    const other = await charted(await live(await stage.visits.openTab(page)));
    const asked = requestsOf(other);
    await choose(page, 'language', 'vi');
    await isIn(other, 'vi');
    expect(await other.locator('html').getAttribute('lang')).toBe('vi');
    expect(asked).toEqual([]);
  });
});

/** The page's ground and text, and the colours of rise and fall, by choice. */
const TOKENS = {
  light: {
    ground: 'rgb(245, 247, 250)',
    text: 'rgb(17, 22, 29)',
    card: 'rgb(255, 255, 255)',
    'green-red': ['rgb(8, 115, 74)', 'rgb(196, 43, 43)'],
    'blue-orange': ['rgb(15, 95, 194)', 'rgb(163, 71, 0)'],
  },
  dark: {
    ground: 'rgb(11, 14, 19)',
    text: 'rgb(233, 237, 242)',
    card: 'rgb(19, 24, 32)',
    'green-red': ['rgb(61, 203, 132)', 'rgb(255, 115, 115)'],
    'blue-orange': ['rgb(98, 176, 255)', 'rgb(255, 163, 71)'],
  },
} as const;

const coloursOf = (page: Page) =>
  page.evaluate(() => {
    const of = (selector: string) => {
      const element = document.querySelector(selector);
      if (!element) throw new Error(`no ${selector}`);
      return getComputedStyle(element);
    };
    return {
      ground: of('html').backgroundColor,
      text: of('body').color,
      card: of('.card').backgroundColor,
      pair: [of('.market-cap .change').color, of('.btc .change').color],
    };
  });

type Theme = keyof typeof TOKENS;
type Colours = 'green-red' | 'blue-orange';

/** Resolves when the page wears exactly these colours. */
async function wears(page: Page, theme: Theme, colours: Colours = 'green-red') {
  const { ground, text, card, ...pairs } = TOKENS[theme];
  const expected = { ground, text, card, pair: pairs[colours] };
  await until(
    () => coloursOf(page),
    (worn) => JSON.stringify(worn) === JSON.stringify(expected),
  );
}

describe('the theme', () => {
  for (const theme of ['light', 'dark'] as const) {
    test(`of a first visit is ${theme} on a device that is`, async () => {
      const page = await open({ colorScheme: theme });
      await wears(page, theme);
      expect(await page.locator('html').getAttribute('data-theme')).toBe('system');
    });

    test(`is ${theme} at once when chosen, and still at the next visit`, async () => {
      const page = await charted(await open({ colorScheme: theme === 'dark' ? 'light' : 'dark' }));
      const asked = requestsOf(page);
      const ms = await choose(page, 'theme', theme);
      expect(ms).toBeLessThan(3 * TARGET_MS);
      await wears(page, theme);
      expect(asked).toEqual([]);
      expect((await cookies(page)).theme).toMatchObject({ value: theme, sameSite: 'Lax' });
      expect(await (await page.reload())?.text()).toContain(`data-theme="${theme}"`);
      await wears(page, theme);
    });
  }

  test('follows the device while it is left to it, and other tabs follow a choice', async () => {
    const page = await open({ colorScheme: 'light' });
    const other = await live(await stage.visits.openTab(page));
    await page.emulateMedia({ colorScheme: 'dark' });
    await wears(page, 'dark');
    await wears(other, 'light');
    await choose(page, 'theme', 'dark');
    await wears(other, 'dark');
    expect(await other.locator('html').getAttribute('data-theme')).toBe('dark');
  });
});

describe('a choice', () => {
  test('keeps and tells other tabs only itself, not the language that the address asked for', async () => {
    const other = await open();
    const page = await stage.visits.openTab(other);
    await page.goto(new URL('?lang=vi', other.url()).href);
    await isIn(page, 'vi');
    await choose(page, 'theme', 'dark');
    await wears(other, 'dark');
    await isIn(other, 'en');
    expect(Object.keys(await cookies(page))).toEqual(['theme']);
  });
});

describe('an address that asks for a language and a theme', () => {
  /** The page at that address, in Vietnamese and dark. */
  const openAsked = async (other: Page): Promise<Page> => {
    const page = await stage.visits.openTab(other);
    await page.goto(new URL('?lang=vi&theme=dark&from=a%20letter#main', other.url()).href);
    await isIn(page, 'vi');
    await wears(page, 'dark');
    await saysText(linkWords(page), LIVE.vi);
    return page;
  };

  test('gives way to what the visitor chooses, then and at every reload, and to nothing else', async () => {
    const page = await openAsked(await open({ colorScheme: 'light' }));
    await choose(page, 'language', 'en');
    await isIn(page, 'en');
    expect(new URL(page.url()).search + new URL(page.url()).hash).toBe(
      '?theme=dark&from=a%20letter#main',
    );
    await page.reload();
    await isIn(await live(page), 'en');
    await wears(page, 'dark');
    await choose(page, 'theme', 'light');
    await page.reload();
    await wears(page, 'light');
    expect(new URL(page.url()).search).toBe('?from=a%20letter');
  });

  test('gives way to what the visitor chooses in another tab', async () => {
    const other = await open({ colorScheme: 'light' });
    const page = await openAsked(other);
    await choose(other, 'theme', 'dark');
    await choose(other, 'theme', 'light');
    await wears(page, 'light');
    await page.reload();
    await wears(page, 'light');
    expect(new URL(page.url()).search).toBe('?lang=vi&from=a%20letter');
  });

  test('is kept to without a script', async () => {
    const page = await stage.visits.open(stage.server.url, {
      path: `${PATHS.page}?lang=vi&theme=dark`,
      javaScriptEnabled: false,
    });
    await isIn(page, 'vi');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await page.locator('.head-controls').isVisible()).toBe(false);
  });
});

describe('the colours of rise and fall', () => {
  for (const theme of ['light', 'dark'] as const) {
    test(`are the other pair when chosen, in ${theme}, and are kept`, async () => {
      const page = await open({ colorScheme: theme });
      const other = await stage.visits.openTab(page);
      await charted(page);
      // A page behind another one draws a frame a second.
      await page.bringToFront();
      const asked = requestsOf(page);
      const ms = await choose(page, 'colours', 'blue-orange');
      expect(ms).toBeLessThan(3 * TARGET_MS);
      await wears(page, theme, 'blue-orange');
      await other.emulateMedia({ colorScheme: theme });
      await wears(other, theme, 'blue-orange');
      expect(asked).toEqual([]);
      expect((await cookies(page)).colours).toMatchObject({ value: 'blue-orange' });
      expect(await (await page.reload())?.text()).toContain('data-colours="blue-orange"');
    });
  }
});
