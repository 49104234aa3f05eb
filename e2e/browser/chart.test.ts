import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { type HistoryBody, PATHS } from '../../contract/index.ts';
import { card, live, plain, saysText, spokenWords } from '../dashboard-page.ts';
import { overlaps, sideways, stickingOut } from '../page-geometry.ts';
import { freshRound, MARKET, type Stage, setStage } from '../stage.ts';
import { until } from '../until.ts';

/** A day in five minutes each. */
const DAY_ROWS = 288;

let stage: Stage;

const history = async (series: string, range: string): Promise<HistoryBody> => {
  const query = new URLSearchParams({ series, range });
  return (await fetch(`${stage.server.url}${PATHS.history}?${query}`)).json();
};

beforeAll(async () => {
  stage = await setStage();
  // The server fills its past from the exchanges, within the budgets they allow.
  for (const [series, range, rows] of [
    ['btc_candles', '24h', DAY_ROWS],
    ['rsi_14', '24h', DAY_ROWS],
    ['btc_price', '1y', 365],
    ['sparklines', '7d', 168],
    ['fng', '30d', 30],
  ] as const) {
    await until(
      async () => (await history(series, range)).rows.length,
      (found) => found >= rows,
      25_000,
    );
  }
}, 40_000);
afterEach(async () => {
  await stage.simulator.setMarket(MARKET);
  expect(await stage.visits.end()).toEqual([]);
});
afterAll(() => stage.end());

const picture = (page: Page): Locator => page.locator('.chart-canvas');
const summary = async (page: Page) => plain(await picture(page).getAttribute('aria-label'));

/** Opens the page and waits for the chart, in English unless the locale is another. */
async function openChart(options: Parameters<Stage['visits']['open']>[1] = {}): Promise<Page> {
  const page = await stage.visits.open(stage.server.url, options);
  await page.locator('.chart-strip').waitFor();
  return page;
}

/** Paths and queries that a page asks for from here on. */
function requestsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    asked.push(pathname + search);
  });
  return asked;
}

const choose = async (page: Page, name: string) => {
  const button = page.getByRole('button', { name, exact: true });
  await button.click();
  expect(await button.getAttribute('aria-pressed')).toBe('true');
  await page.locator('.chart-strip').waitFor();
};

describe('the price chart', () => {
  test('says in a sentence what it draws, whose it is and how old', async () => {
    const page = await openChart();
    const { rows } = await history('btc_price', '24h');
    const values = rows.flatMap(([, value]) => value ?? []);
    const dollars = (value: number) =>
      value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    expect(await summary(page)).toMatch(/^Bitcoin, 24H: from \$[\d,.]+ to \$77,705\.00, /);
    expect(await summary(page)).toContain(
      `high $${dollars(Math.max(...values))}, low $${dollars(Math.min(...values))}.`,
    );
    const note = card(page, 'Bitcoin price chart').locator('.card-note');
    await saysText(note, /^(Source: .*Binance|Out of date, ).*(just now|ago|Binance)/);
  });

  test('asks once for each range and kind, and not again to go back', async () => {
    const page = await openChart();
    const asked = requestsOf(page);
    for (const range of ['7D', '30D', '1Y']) {
      await choose(page, range);
      expect(await summary(page)).toContain(`Bitcoin, ${range}: `);
    }
    await choose(page, 'Candles');
    await saysText(page.locator('.chart-state, .chart-strip'), 'Daily RSI(14)');
    const wanted = ['7d', '30d', '1y'].flatMap((range) => [
      `${PATHS.history}?series=btc_price&range=${range}`,
      `${PATHS.history}?series=rsi_14&range=${range}`,
    ]);
    expect(asked.toSorted()).toEqual(
      [...wanted, `${PATHS.history}?series=btc_candles&range=1y`].toSorted(),
    );
    asked.length = 0;
    await choose(page, 'Line');
    for (const range of ['30D', '7D', '24H']) await choose(page, range);
    expect(asked).toEqual([]);
  });

  test('goes over into another language, theme and pair without a request', async () => {
    const page = await live(await openChart());
    const asked = requestsOf(page);
    await page.keyboard.press('l');
    await until(
      () => summary(page),
      (text) => text.startsWith('Giá Bitcoin 24 giờ: từ '),
    );
    await page.keyboard.press('t');
    await page.keyboard.press('l');
    await until(
      () => summary(page),
      (text) => text.startsWith('Bitcoin, 24H: from '),
    );
    expect(asked).toEqual([]);
  });

  test('follows the price that the page shows, and ends where the gauge points', async () => {
    const page = await live(await openChart());
    const asked = requestsOf(page);
    await stage.simulator.setMarket({ btc_price_usd: 78_123.45 });
    await freshRound(stage.server);
    await saysText(card(page, 'Bitcoin price'), '$78,123.45');
    const note = card(page, 'Bitcoin price chart').locator('.card-note');
    await saysText(note, /just now|[1-5].s ago/);
    await page.getByText('Show as table').click();
    const gauge = (await page.locator('.rsi .gauge-number').textContent()) ?? '?';
    const newest = page.locator('.chart-rows tbody tr').first();
    await saysText(newest, `$78,123.45${gauge}`);
    expect(asked.filter((path) => path.startsWith(PATHS.history))).toEqual([]);
  });

  test('has its points as a table and as a file', async () => {
    const page = await openChart();
    const { rows } = await history('btc_price', '24h');
    await page.getByText('Show as table').click();
    const cells = page.locator('.chart-rows tbody tr');
    expect(await cells.count()).toBe(rows.length);
    const href = await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href');
    const file = await fetch(stage.server.url + href);
    expect(file.headers.get('content-type')).toStartWith('text/csv');
    const lines = (await file.text()).trim().split(/\r?\n/);
    expect(lines[0]).toBe('time,value');
    expect(lines).toHaveLength(rows.length + 1);
  });

  test('says that it failed, leaves the rest of the page alone, and loads by the button', async () => {
    let isBroken = true;
    const page = await live(
      await stage.visits.open(stage.server.url, {
        networkFails: true,
        prepare: (fresh) =>
          fresh.route(`**${PATHS.history}?*`, (route) =>
            isBroken ? route.abort() : route.continue(),
          ),
      }),
    );
    await page.getByText('The chart could not be loaded').waitFor();
    expect(plain(await card(page, 'Bitcoin price').textContent())).toMatch(/\$7[78],\d{3}\.\d\d/);
    isBroken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.chart-strip').waitFor();
  });

  test('says the same when its own script does not come, and loads that by the button', async () => {
    let isBroken = true;
    const page = await stage.visits.open(stage.server.url, {
      networkFails: true,
      prepare: (fresh) =>
        fresh.route(`**${PATHS.assets}chart-*`, (route) =>
          isBroken ? route.abort() : route.continue(),
        ),
    });
    await page.getByText('The chart could not be loaded').waitFor();
    isBroken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.chart-strip').waitFor();
    expect(await page.locator('.chart-canvas canvas').count()).toBeGreaterThan(1);
  });

  test('marks 30 and 70 beside the RSI, the newest, and nothing else of its scale', async () => {
    const page = await openChart({
      prepare: (fresh) =>
        fresh.addInitScript(() => {
          const written = new Set<string>();
          Object.assign(globalThis, { written });
          const { fillText } = CanvasRenderingContext2D.prototype;
          CanvasRenderingContext2D.prototype.fillText = function write(text, ...place) {
            written.add(text);
            fillText.call(this, text, ...place);
          };
        }),
    });
    const numbers = () =>
      page.evaluate<string[]>('[...written].filter((text) => /^\\d{1,3}(\\.\\d+)?$/.test(text))');
    const gauge = async () => (await page.locator('.rsi .gauge-number').textContent()) ?? '?';
    // The newest of the answer, and then that of the page, which goes on from it.
    const seen = await until(
      async () => ({ written: await numbers(), newest: await gauge() }),
      ({ written, newest }) => written.includes(newest),
    );
    expect(seen.written).toEqual(expect.arrayContaining(['30', '70', seen.newest]));
    expect(seen.written.filter((text) => /^\d0\.00$|^[124-68-9]0$/.test(text))).toEqual([]);
  });

  test('leaves the wheel and the finger to the page', async () => {
    const page = await openChart();
    await picture(page).hover();
    await page.mouse.wheel(0, 300);
    await until(
      () => page.evaluate(() => scrollY),
      (top) => top > 100,
    );
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(100);
  });

  test('without a script is its file alone, and no button that would do nothing', async () => {
    const page = await stage.visits.open(stage.server.url, { javaScriptEnabled: false });
    const chart = card(page, 'Bitcoin price chart');
    expect(await chart.getByRole('link', { name: 'Download CSV' }).isVisible()).toBe(true);
    expect(await chart.getByRole('button').count()).toBe(0);
    expect(await chart.getByText('Show as table').isVisible()).toBe(false);
    expect(await chart.getByText('Loading chart…').isVisible()).toBe(false);
  });
});

describe('small lines', () => {
  test('say how each coin did in a week, and the index in a month', async () => {
    const page = await openChart();
    await page.locator('.coins').scrollIntoViewIfNeeded();
    const sparks = page.locator('.coins .spark[role="img"]');
    await until(
      () => sparks.count(),
      (count) => count === 7,
    );
    const labels = await sparks.evaluateAll((all) => all.map((one) => one.ariaLabel));
    for (const label of labels) {
      expect(plain(label)).toMatch(/^\w+, 7 days: (?:(?:up|down) [\d.]+%|unchanged)$/);
    }
    const past = page.locator('.fng-past [role="img"]');
    expect(plain(await past.getAttribute('aria-label'))).toMatch(
      /^Fear & Greed, 30 days: from \d+ to 26; high \d+, low \d+\.$/,
    );
  });

  test('are left out where a phone has no room for them', async () => {
    for (const [width, isThere] of [
      [375, false],
      [412, true],
    ] as const) {
      const page = await openChart({ viewport: { width, height: 800 } });
      expect(await page.locator('.coins .spark').first().isVisible()).toBe(isThere);
    }
  });
});

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/** Each rule that is broken, and where. */
async function violations(page: Page): Promise<string[]> {
  // Injected past the page's policy, as a browser's extension would be.
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations'] }),
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

describe('with its table open the page', () => {
  for (const locale of ['vi-VN', 'en-US']) {
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 320],
    ] as const) {
      test(`is in order in ${locale}, ${colorScheme}, ${width} px`, async () => {
        const page = await openChart({ locale, colorScheme, viewport: { width, height: 900 } });
        await saysText(spokenWords(page), /^(Live|Trực tiếp)$/);
        await page.getByRole('button', { name: /^(Candles|Nến)$/ }).click();
        await page.getByText(/^(Show as table|Xem dạng bảng)$/).click();
        await page.locator('.chart-rows td').nth(4).waitFor();
        // The head stays in sight: scrolled, it lies over what is under it.
        await page.evaluate(() => scrollTo(0, 0));
        expect(await sideways(page)).toBe(0);
        expect(await stickingOut(page)).toEqual([]);
        expect(await overlaps(page)).toEqual([]);
        expect(await violations(page)).toEqual([]);
      });
    }
  }
});
