import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { card, live, saysLink, saysNotice, saysText, spokenWords } from '../dashboard-page.ts';
import { freshRound, MARKET, type Stage, setStage } from '../stage.ts';
import type { RunningServer } from '../start-server.ts';

let stage: Stage;
let empty: RunningServer;

beforeAll(async () => {
  stage = await setStage();
  empty = await stage.addServer({
    COINGECKO_BASE_URL: 'http://127.0.0.1:9',
    ALTERNATIVE_ME_BASE_URL: 'http://127.0.0.1:9',
    BINANCE_BASE_URL: 'http://127.0.0.1:9',
  });
});
afterEach(async () => {
  await stage.simulator.clearFaults();
  await stage.simulator.setMarket(MARKET);
  expect(await stage.visits.end()).toEqual([]);
});
afterAll(() => stage.end());

/** Each rule that is broken, and where. */
async function violations(page: Page): Promise<string[]> {
  // Injected past the page's policy, as a browser's extension would be.
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations'] }),
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
  );
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}

describe('axe finds nothing', () => {
  const looks = ['vi-VN', 'en-US'].flatMap((locale) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      [1280, 375].map((width) => ({ locale, colorScheme, width })),
    ),
  );
  for (const { locale, colorScheme, width } of looks) {
    test(`in ${locale}, ${colorScheme}, ${width} px, live and without figures`, async () => {
      const options = { locale, colorScheme, viewport: { width, height: 900 } };
      const page = await stage.visits.open(stage.server.url, options);
      await saysText(spokenWords(page), /^(Live|Trực tiếp)$/);
      expect(await violations(page)).toEqual([]);
      const bare = await stage.visits.open(empty.url, options);
      await saysText(spokenWords(bare), /keeps trying|đang thử lại/);
      expect(await violations(bare)).toEqual([]);
    });
  }

  test('with the menu, a reason and a notice open, and with stale figures', async () => {
    const page = await live(await stage.visits.open(stage.server.url));
    await stage.simulator.setFaults({ '/api/v3/klines': { status: 503 } });
    await freshRound(stage.server);
    await saysNotice(page, /^Binance does not answer/);
    await page.getByRole('button', { name: 'Options' }).click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('p');
    await saysText(card(page, 'Bitcoin price'), 'Out of date');
    expect(await violations(page)).toEqual([]);
    const bare = await stage.visits.open(empty.url);
    await bare.getByRole('button', { name: 'Why is Bitcoin price not available?' }).click();
    expect(await violations(bare)).toEqual([]);
  });
});

describe('the live region', () => {
  test('holds the words of the state and nothing that ticks', async () => {
    const page = await live(await stage.visits.open(stage.server.url));
    await page.evaluate(() => {
      const region = document.querySelector('.link [role="status"]');
      if (!region) throw new Error('no live region');
      window.said = [];
      new MutationObserver(() => window.said.push(region.textContent ?? '')).observe(region, {
        characterData: true,
        childList: true,
        subtree: true,
      });
    });
    await stage.simulator.setMarket({ btc_price_usd: 78_765.43 });
    await freshRound(stage.server);
    await saysText(card(page, 'Bitcoin price'), '$78,765.43');
    await stage.simulator.setMarket({ btc_price_usd: 78_765.44 });
    await freshRound(stage.server);
    await saysText(card(page, 'Bitcoin price'), '$78,765.44');
    expect(await spokenWords(page).textContent()).toBe('Live');
    expect(await page.evaluate(() => window.said)).toEqual([]);
    const regions = await page.locator('[aria-live], [role="status"], [role="alert"]').all();
    for (const region of regions) expect(await region.textContent()).not.toMatch(/\$|%|ago/);
  });

  test('is not hurried: two changes are two seconds apart', async () => {
    const page = await live(await stage.visits.open(stage.server.url));
    const begun = performance.now();
    await page.keyboard.press('p');
    await saysText(spokenWords(page), 'Paused');
    await page.keyboard.press('p');
    await saysText(spokenWords(page), 'Live');
    expect(performance.now() - begun).toBeGreaterThan(1900);
  });
});

declare global {
  interface Window {
    said: string[];
  }
}

describe('the focus', () => {
  const focused = (page: Page) =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element instanceof HTMLInputElement
        ? `${element.name}=${element.value}`
        : (element?.ariaLabel ?? element?.textContent ?? '');
    });

  test('never moves when a notice comes or takes the place of another', async () => {
    const page = await live(await stage.visits.open(stage.server.url));
    await page.getByRole('button', { name: 'Pause updates' }).focus();
    await stage.simulator.setFaults({ '/api/v3/klines': { status: 503 } });
    await freshRound(stage.server);
    await saysNotice(page, /^Binance does not answer/);
    expect(await focused(page)).toBe('Pause updates');
    await stage.simulator.clearFaults();
    await freshRound(stage.server);
    await saysNotice(page, /^Binance is back/);
    expect(await focused(page)).toBe('Pause updates');
  });

  test('reaches the main content by the first link of the page', async () => {
    const page = await live(await stage.visits.open(stage.server.url));
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to main content' });
    expect(await focused(page)).toBe('Skip to main content');
    const box = await skip.boundingBox();
    expect(box?.height).toBeGreaterThan(20);
    expect(await skip.evaluate((element) => getComputedStyle(element).clipPath)).toBe('none');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
    await page.keyboard.press('Tab');
    const isPastHead = await page.evaluate(
      () => document.activeElement?.closest('header.head') === null,
    );
    expect(isPastHead).toBe(true);
  });

  for (const [state, url, link] of [
    ['with figures', () => stage.server.url, 'Live'],
    ['without figures', () => empty.url, 'No figures yet. The server keeps trying.'],
  ] as const) {
    test(`goes through the page in the order in which it is read, ${state}`, async () => {
      const page = await stage.visits.open(url());
      await saysLink(page, link);
      const stops: { order: number; name: string }[] = [];
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(() => {
          const element = document.activeElement;
          if (!element || element === document.body) return null;
          const { outlineStyle } = getComputedStyle(
            element.classList.contains('hidden')
              ? (element.nextElementSibling ?? element)
              : element,
          );
          return {
            name: element.ariaLabel ?? element.textContent ?? '',
            order: [...document.querySelectorAll('*')].indexOf(element),
            isOutlined: outlineStyle !== 'none',
            isVisible: element.checkVisibility(),
          };
        });
        if (stop === null) break;
        expect(stop).toMatchObject({ isOutlined: true, isVisible: true });
        stops.push(stop);
      }
      const order = stops.map((stop) => stop.order);
      expect(order.length).toBeGreaterThan(6);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(stops[0]?.name).toBe('Skip to main content');
    });
  }
});
