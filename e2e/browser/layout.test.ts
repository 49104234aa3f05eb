import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { card, charted, headings, linkWords, live, saysText } from '../dashboard-page.ts';
import { overlaps, sideways, stickingOut } from '../page-geometry.ts';
import { firstRound, type Stage, setStage } from '../stage.ts';
import type { RunningServer } from '../start-server.ts';

const WIDTHS = [320, 375, 768, 1024, 1440];
const LOCALES = ['vi-VN', 'en-US'];

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ TAAPI_SECRET: 'any-secret' });
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

const open = (width: number, locale: string) =>
  stage.visits.open(stage.server.url, { locale, viewport: { width, height: 800 } });

const isLive = (page: Page) => saysText(linkWords(page), /^(Live|Trực tiếp)$/);

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

    for (const width of [320, 1280]) {
      test(`with text twice as large loses nothing at ${width} px (${locale})`, async () => {
        const page = await open(width, locale);
        await isLive(page);
        await charted(page);
        const before = await page.locator('body').innerText();
        await page.evaluate(() => document.documentElement.style.setProperty('font-size', '32px'));
        expect(await sideways(page)).toBe(0);
        expect(await stickingOut(page)).toEqual([]);
        expect(await overlaps(page)).toEqual([]);
        const after = await page.locator('body').innerText();
        expect(missing(before, after)).toEqual([]);
      });
    }

    test(`says beside its name that its figures are simulated, at 320 px too (${locale})`, async () => {
      const page = await open(320, locale);
      const middles = await page
        .locator('.head h1, .head .chip, .head-controls')
        .evaluateAll((all) =>
          all.map((one) => {
            const { top, height } = one.getBoundingClientRect();
            return Math.round(top + height / 2);
          }),
        );
      expect(middles).toHaveLength(3);
      expect(Math.max(...middles) - Math.min(...middles)).toBeLessThanOrEqual(1);
    });

    test(`says how a source is beside its name, at 1440 px too (${locale})`, async () => {
      const page = await open(1440, locale);
      const distances = await page.locator('.source').evaluateAll((rows) =>
        rows.map((row) => {
          const left = (of: string) => row.querySelector(of)?.getBoundingClientRect().left ?? 0;
          return left('.source-state') - left('.source-name');
        }),
      );
      expect(distances.length).toBeGreaterThan(2);
      // In one column, as far from the names as the longest of them asks for.
      expect(new Set(distances).size).toBe(1);
      expect(distances[0]).toBeLessThan(180);
    });
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
