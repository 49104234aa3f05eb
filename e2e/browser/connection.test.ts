import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import {
  card,
  linkWords,
  live,
  notices,
  plain,
  saysLink,
  saysNotice,
  saysText,
  spokenWords,
} from '../dashboard-page.ts';
import { freePort } from '../free-port.ts';
import { type RefusingProxy, startRefusingProxy } from '../refusing-proxy.ts';
import { firstRound, MARKET, type Stage, setStage } from '../stage.ts';
import { until } from '../until.ts';
import { createVisits, type Visits } from '../visits.ts';

/** Five attempts with waits of at most 0.5, 1, 2, 4 and 8 s, then a poll. */
const GIVEN_UP_WITHIN_MS = 3 * 15_500;
/** While it polls the page tries the WebSocket every 5 to 8 s. */
const BACK_WITHIN_MS = 3 * 8000;

let stage: Stage;
let proxy: RefusingProxy;
let behindProxy: Visits;
let refused: Page;

beforeAll(async () => {
  stage = await setStage();
  proxy = startRefusingProxy(stage.server.url);
  behindProxy = createVisits(stage.browser);
  // Opened here, so that most of its attempts fail while another test is waiting for its own.
  refused = await behindProxy.open(proxy.url, { networkFails: true });
  await saysLink(refused, /^Reconnecting \(\d\/5\)$/);
});
beforeEach(async () => {
  await stage.simulator.setMarket(MARKET);
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(async () => {
  await proxy.stop();
  await stage.end();
});

/** Everything that the state was said to be from now on, in order, seen and spoken. */
const watchWords = (page: Page) =>
  page.evaluate(() => {
    const follow = (selector: string, said: string[]) => {
      const element = document.querySelector(selector);
      if (!element) throw new Error(`no ${selector}`);
      const look = () => {
        const words = element.textContent ?? '';
        if (words !== said.at(-1)) said.push(words);
      };
      new MutationObserver(look).observe(element, {
        characterData: true,
        childList: true,
        subtree: true,
      });
    };
    window.seenWords = [];
    window.spokenWords = [];
    follow('.link-words', window.seenWords);
    follow('.link [role="status"]', window.spokenWords);
  });

declare global {
  interface Window {
    seenWords: string[];
    spokenWords: string[];
  }
}

const MUTED = 'rgb(85, 96, 112)';
const colourOf = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => getComputedStyle(element).color);

describe('a server that dies and is started again', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-dies-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  test('is waited for with stale figures, and the page is live again without a reload', async () => {
    const port = { PORT: String(await freePort()) };
    const first = await stage.addServer(port, dataDir);
    await firstRound(first);
    const page = await stage.visits.open(first.url, { colorScheme: 'light', networkFails: true });
    await live(page);
    await page.evaluate(() => document.body.setAttribute('data-loaded-once', ''));
    await watchWords(page);
    // What is written a second after the change is there after a crash too.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const killedAt = performance.now();
    first.signal('SIGKILL');
    await first.exited;

    await saysNotice(page, /^Connection lost\. Trying again\.$/);
    await saysLink(page, /^Offline · figures from/, GIVEN_UP_WITHIN_MS);
    process.stdout.write(
      `given up after ${((performance.now() - killedAt) / 1000).toFixed(1)} s\n`,
    );
    // It is the server that is gone, not the device.
    expect((await notices(page)).join()).not.toContain('This device is offline');
    const seen = await page.evaluate(() => window.seenWords);
    const attempts = seen.slice(0, -1);
    // Two attempts with hardly a wait between them may be drawn as one.
    expect(attempts.length).toBeGreaterThan(2);
    expect(attempts.filter((words) => !/^Reconnecting \([1-5]\/5\)$/.test(words))).toEqual([]);
    expect(attempts).toEqual(attempts.toSorted());
    // A voice is given two seconds for each; the five attempts may have taken less.
    await page.waitForFunction(() => window.spokenWords.length >= 2, null, { timeout: 6000 });
    const spoken = await page.evaluate(() => window.spokenWords);
    expect(spoken).toHaveLength(2);
    expect(spoken[0]).toMatch(/^Reconnecting \(\d\/5\)$/);

    await saysText(card(page, 'Bitcoin price'), /\$77,705\.00.*Out of date, .*ago/);
    expect(await page.locator('.note', { hasText: 'Source: ' }).count()).toBe(0);
    expect(await page.locator('.note', { hasText: 'Out of date' }).count()).toBeGreaterThan(4);
    for (const figure of ['.btc .amount', '.btc .change', '.market-cap .amount']) {
      expect(await colourOf(page, figure)).toBe(MUTED);
    }
    expect(await page.title()).toMatch(/^\(\d\d:\d\d/);

    await stage.simulator.setMarket({ btc_price_usd: 78_111.5 });
    await stage.addServer(port, dataDir);
    await saysLink(page, 'Live', BACK_WITHIN_MS);
    await saysNotice(page, /^Connected again after \d+ (s|min)\.$/);
    await saysText(card(page, 'Bitcoin price'), /\$78,111\.50.*Source: CoinGecko/);
    expect(await colourOf(page, '.btc .amount')).not.toBe(MUTED);
    expect(await page.locator('body[data-loaded-once]').count()).toBe(1);
  }, 120_000);
});

describe('a network that lets no WebSocket through', () => {
  test('is polled instead, and figures still change', async () => {
    await saysLink(refused, 'Updating every 30 s', GIVEN_UP_WITHIN_MS);
    await saysNotice(refused, /^Now updating every 30 s\.$/);
    expect(proxy.refused()).toBeGreaterThanOrEqual(6);
    await saysText(card(refused, 'Bitcoin price'), /\$77,705\.00.*Source: CoinGecko/);
    await saysText(spokenWords(refused), 'Updating every 30 s');

    await stage.simulator.setMarket({ btc_price_usd: 79_222.25 });
    await refused.getByRole('button', { name: 'Refresh figures' }).click();
    await saysText(card(refused, 'Bitcoin price'), '$79,222.25');
    expect(plain(await linkWords(refused).textContent())).toBe('Updating every 30 s');
    await until(
      () => refused.title(),
      (title) => title.startsWith('$79,222.25'),
    );
    expect(await behindProxy.end()).toEqual([]);
  }, 90_000);
});
