import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { PATHS } from '../../contract/index.ts';
import {
  card,
  charted,
  live,
  plain,
  requestsOf,
  saysLink,
  saysNotice,
  saysText,
} from '../dashboard-page.ts';
import { firstRound, freshRound, MARKET, type Stage, setStage } from '../stage.ts';
import { until } from '../until.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
beforeEach(async () => {
  await stage.simulator.clearFaults();
  await stage.simulator.setMarket(MARKET);
  await freshRound(stage.server);
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

const open = async (options: Parameters<Stage['visits']['open']>[1] = {}): Promise<Page> =>
  live(await stage.visits.open(stage.server.url, options));
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const price = (page: Page) => card(page, 'Bitcoin price');

/** A change at the market and the round that brings it to every page. */
async function setPrice(usd: number): Promise<void> {
  await stage.simulator.setMarket({ btc_price_usd: usd });
  await freshRound(stage.server);
}

/** Refreshes are a second apart on this stage; the last round began before this was called. */
const refreshIsDue = () => new Promise((resolve) => setTimeout(resolve, 1100));

describe('the pause', () => {
  for (const [how, press] of [
    ['its button', (page: Page, name: string) => button(page, name).click()],
    ['the key P', (page: Page) => page.keyboard.press('p')],
  ] as const) {
    test(`by ${how} freezes every figure until it is lifted, then they catch up`, async () => {
      const page = await open();
      const witness = await open();
      await press(page, 'Pause updates');
      const words = await saysLink(page, /^Paused · figures from \d\d:\d\d/);
      const frozen = await price(page).textContent();
      const title = await page.title();
      await setPrice(70_001);
      await saysText(price(witness), '$70,001.00');
      await setPrice(70_002);
      await saysText(price(witness), '$70,002.00');
      expect(await price(page).textContent()).toBe(frozen);
      expect(await page.title()).toBe(title);
      expect(plain(frozen)).toContain('$77,705.00');
      expect(await saysLink(page, /^Paused/)).toBe(words);
      await press(page, 'Resume updates');
      await saysLink(page, 'Live');
      await saysText(price(page), '$70,002.00');
    });
  }

  test('shows no figure as live', async () => {
    const page = await open();
    await button(page, 'Pause updates').click();
    await saysText(price(page), /Out of date, \d\d:\d\d/);
    expect(await page.title()).toMatch(/^\(\d\d:\d\d/);
  });
});

describe('the shortcuts', () => {
  const state = (page: Page) =>
    page.evaluate(() => {
      const { lang, dataset } = document.documentElement;
      return `${lang} ${dataset.theme}`;
    });
  const becomes = (page: Page, expected: string) =>
    until(
      () => state(page),
      (now) => now === expected,
    );

  test('L changes the language and T the theme', async () => {
    const page = await open();
    expect(await state(page)).toBe('en system');
    await page.keyboard.press('l');
    await becomes(page, 'vi system');
    // With Caps Lock on it is the same key.
    await page.keyboard.press('L');
    await becomes(page, 'en system');
    for (const theme of ['light', 'dark', 'system']) {
      await page.keyboard.press('t');
      await becomes(page, `en ${theme}`);
    }
  });

  test('R asks for a fresh round', async () => {
    const page = await open();
    await refreshIsDue();
    const asked = page.waitForRequest((request) => request.url().endsWith(PATHS.refresh));
    await page.keyboard.press('r');
    expect((await asked).method()).toBe('POST');
    await saysNotice(page, /^Refreshed\.$/);
  });

  test('do nothing with a modifier', async () => {
    const page = await charted(await open());
    const asked = requestsOf(page);
    // The browser's own meaning of these is kept from acting, as a page's script would see it.
    await page.evaluate(() =>
      ['Control', 'Alt', 'Meta', 'Shift'].forEach((modifier) => {
        for (const key of ['r', 'l', 't', 'p']) {
          document.body.dispatchEvent(
            new KeyboardEvent('keydown', {
              key,
              bubbles: true,
              ctrlKey: modifier === 'Control',
              altKey: modifier === 'Alt',
              metaKey: modifier === 'Meta',
              shiftKey: modifier === 'Shift',
            }),
          );
        }
      }),
    );
    expect(await state(page)).toBe('en system');
    expect(await saysLink(page, 'Live')).toBe('Live');
    expect(asked).toEqual([]);
  });

  test('do nothing while somebody types', async () => {
    const page = await charted(await open());
    const asked = requestsOf(page);
    await page.evaluate(() => {
      const field = document.createElement('textarea');
      document.body.append(field);
      field.focus();
    });
    await page.keyboard.type('rltp');
    expect(await page.locator('textarea').inputValue()).toBe('rltp');
    expect(await state(page)).toBe('en system');
    expect(await saysLink(page, 'Live')).toBe('Live');
    expect(asked).toEqual([]);
  });

  test('can be switched off, and stay so at the next visit', async () => {
    const page = await open();
    await button(page, 'Options').click();
    await page.getByRole('checkbox', { name: 'Keyboard shortcuts' }).click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('l');
    expect(await state(page)).toBe('en system');
    await page.reload();
    await live(page);
    await page.keyboard.press('l');
    expect(await state(page)).toBe('en system');
    await button(page, 'Options').click();
    await page.getByRole('checkbox', { name: 'Keyboard shortcuts' }).click();
    await page.keyboard.press('l');
    await becomes(page, 'vi system');
  });
});

describe('the refresh button', () => {
  test('brings fresh figures and says so', async () => {
    const page = await open();
    await stage.simulator.setMarket({ btc_price_usd: 80_123.45 });
    await refreshIsDue();
    await button(page, 'Refresh figures').click();
    await saysNotice(page, /^Refreshed\.$/);
    await saysText(price(page), '$80,123.45');
    expect(await saysLink(page, 'Live')).toBe('Live');
  });

  test('pressed again too soon says when to try again', async () => {
    const server = await stage.addServer({ REFRESH_MIN_INTERVAL_SECONDS: '60' });
    await firstRound(server);
    const page = await live(await stage.visits.open(server.url, { networkFails: true }));
    await button(page, 'Refresh figures').click();
    const [said] = await saysNotice(page, /^Just refreshed\. Try again in \d+ s\.$/);
    const seconds = Number(/\d+/.exec(said ?? '')?.[0]);
    expect(seconds).toBeGreaterThan(40);
    expect(seconds).toBeLessThanOrEqual(60);
  });

  test('says that it failed when no upstream answers, and the page stays live', async () => {
    const page = await open({ networkFails: true });
    const down = { status: 503 };
    const routes = ['/api/v3/global', '/api/v3/simple/price', '/api/v3/klines', '/fng/'];
    await stage.simulator.setFaults(Object.fromEntries(routes.map((route) => [route, down])));
    await refreshIsDue();
    await button(page, 'Refresh figures').click();
    await saysNotice(page, /does not answer/);
    // Of more notices than may stand at once, the answer to the press is one that does.
    await saysNotice(page, /^Refresh failed\. Live figures go on\.$/);
    expect(await saysLink(page, 'Live')).toBe('Live');
    await saysText(price(page), '$77,705.00');
  });

  test('says that it is at work and is not pressed twice', async () => {
    const page = await charted(await open());
    await stage.simulator.setFaults({ '/fng/': { delayMs: 1500, times: 1 } });
    const asked = requestsOf(page);
    await refreshIsDue();
    const refresh = button(page, 'Refresh figures');
    await refresh.focus();
    await page.keyboard.press('Enter');
    await until(
      () => refresh.getAttribute('aria-disabled'),
      (busy) => busy === 'true',
    );
    await page.keyboard.press('Enter');
    await page.keyboard.press('r');
    await saysNotice(page, /Refreshed\./);
    expect(asked.filter((url) => url.endsWith(PATHS.refresh))).toHaveLength(1);
    expect(await refresh.evaluate((element) => document.activeElement === element)).toBe(true);
    expect(await refresh.getAttribute('aria-disabled')).toBeNull();
  });
});
