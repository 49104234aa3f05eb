import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { card, headings, live, plain, saysLink, saysText } from '../dashboard-page.ts';
import { firstRound, type Stage, setStage, summaryWhere } from '../stage.ts';
import type { RunningServer } from '../start-server.ts';
import { until } from '../until.ts';

const KLINES = '/api/v3/klines';
const MUTED = { light: 'rgb(85, 96, 112)', dark: 'rgb(157, 168, 182)' } as const;
/** No upstream at all. */
const NOWHERE = {
  COINGECKO_BASE_URL: 'http://127.0.0.1:9',
  ALTERNATIVE_ME_BASE_URL: 'http://127.0.0.1:9',
  BINANCE_BASE_URL: 'http://127.0.0.1:9',
};

let stage: Stage;

/** With a round a second the RSI is out of date after three, the other figures after minutes. */
beforeAll(async () => {
  stage = await setStage({ FETCH_INTERVAL_SECONDS: '1' });
});
afterEach(async () => {
  await stage.simulator.clearFaults();
  expect(await stage.visits.end()).toEqual([]);
});
afterAll(() => stage.end());

const rsi = (page: Page) => card(page, 'Daily RSI(14)');

/** The card of the RSI at one moment; at the next it may say something else. */
const lookAtRsi = (page: Page) =>
  rsi(page).evaluate((element) => {
    const number = element.querySelector('.gauge-number');
    if (!number) throw new Error('no number');
    return {
      text: element.textContent.replaceAll('\u00a0', ' '),
      number: number.textContent,
      fill: getComputedStyle(number).fill,
    };
  });

describe('a figure that is out of date', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`shows its age and is dimmed, alone, until it is read again (${colorScheme})`, async () => {
      const page = await live(await stage.visits.open(stage.server.url, { colorScheme }));
      const isLive = ({ text, fill }: Awaited<ReturnType<typeof lookAtRsi>>) =>
        /^(?!.*Out of date).*Source: Binance/.test(text) && fill !== MUTED[colorScheme];
      const { number } = await until(() => lookAtRsi(page), isLive);
      await stage.simulator.setFaults({ [KLINES]: { status: 503 } });
      const old = await until(
        () => lookAtRsi(page),
        ({ text }) => /Out of date, [3-9] s ago · Binance/.test(text),
      );
      expect(old).toMatchObject({ number, fill: MUTED[colorScheme] });
      // Beside a living price the brief does not speak of it.
      await saysText(page.locator('.brief'), /^Bitcoin is at (?!.*RSI)/);
      for (const other of (await headings(page)).filter((name) => name !== 'Daily RSI(14)')) {
        expect(await card(page, other).textContent()).not.toContain('Out of date');
      }
      expect(await saysLink(page, 'Live')).toBe('Live');
      await stage.simulator.clearFaults();
      expect((await until(() => lookAtRsi(page), isLive)).number).toBe(number);
    });
  }

  test('is known as such without a word from the server', async () => {
    const server = await stage.addServer({ FETCH_INTERVAL_SECONDS: '1' });
    await firstRound(server);
    const page = await live(await stage.visits.open(server.url));
    await saysText(rsi(page), 'Source: Binance');
    server.signal('SIGSTOP');
    const text = await saysText(rsi(page), /Out of date, \d s ago/).finally(() =>
      server.signal('SIGCONT'),
    );
    expect(text).toContain('Out of date');
    expect(await saysLink(page, 'Live')).toBe('Live');
  });
});

describe('a figure that was never read', () => {
  let server: RunningServer;
  beforeAll(async () => {
    await stage.simulator.setFaults({ [KLINES]: { status: 500 } });
    server = await stage.addServer();
    await summaryWhere(server, ({ sources, fng_value, btc_price_usd }) =>
      [sources.binance?.error, fng_value, btc_price_usd].every((known) => known != null),
    );
  });

  test('is a dash, and the reason is behind a button that the keyboard opens', async () => {
    const page = await live(await stage.visits.open(server.url));
    expect(await rsi(page).locator('.gauge-number').textContent()).toBe('—');
    expect(await rsi(page).textContent()).toContain('Not available');
    const why = page.getByRole('button', { name: 'Why is Daily RSI(14) not available?' });
    const reason = rsi(page).getByText(/Binance: cannot be reached\. /);
    expect(await reason.isVisible()).toBe(false);
    await why.focus();
    await page.keyboard.press('Enter');
    await reason.waitFor({ state: 'visible' });
    expect(plain(await reason.textContent())).toMatch(/Next try (in \d+ min|any moment now)\.$/);
    await page.keyboard.press('Escape');
    await reason.waitFor({ state: 'hidden' });
    expect(await why.evaluate((element) => document.activeElement === element)).toBe(true);
    expect(await card(page, 'Bitcoin price').textContent()).toContain('$77,705.00');
  });

  test('explains itself without JavaScript too', async () => {
    const page = await stage.visits.open(server.url, { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Why is Daily RSI(14) not available?' }).click();
    await rsi(page)
      .getByText(/Binance: cannot be reached\./)
      .waitFor({ state: 'visible' });
    expect(await rsi(page).locator('.gauge-number').textContent()).toBe('—');
  });
});

describe('a page without any figure', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await stage.addServer({ ...NOWHERE, SIMULATED: 'false' });
  });

  test('shows dashes, says that the server keeps trying, and names the demo on this machine', async () => {
    const page = await stage.visits.open(server.url);
    await saysLink(page, 'No figures yet. The server keeps trying.');
    expect(await page.locator('.link .state-dot').getAttribute('class')).toBe('state-dot warn');
    expect(await page.locator('.brief').textContent()).toBe(
      'No figures yet. The server keeps trying.',
    );
    expect(await page.getByText('npm run demo').isVisible()).toBe(true);
    expect(await page.title()).toBe('Live crypto market · Marketcast');
    const cards = ['Bitcoin price', 'Total market cap', '24h volume', 'Bitcoin dominance'];
    for (const name of [...cards, 'Fear & Greed', 'Daily RSI(14)']) {
      const text = plain(await card(page, name).textContent());
      expect(text).toContain('—');
      expect(text).toContain('Not available');
      const why = page.getByRole('button', { name: `Why is ${name} not available?` });
      expect(await why.count()).toBe(1);
    }
    expect(await page.locator('main').innerText()).not.toMatch(/NaN|null|undefined|\$0|\b0\.00/);
    await saysText(card(page, 'Data sources'), /CoinGecko.*Failing: cannot be reached/);
  });

  test('says the same in Vietnamese', async () => {
    const page = await stage.visits.open(server.url, { locale: 'vi-VN' });
    await saysText(page.locator('.brief'), 'Chưa có số liệu. Máy chủ đang thử lại.');
    expect(await page.title()).toBe('Thị trường crypto trực tiếp · Marketcast');
  });

  test('does not name the demo to a visitor from elsewhere', async () => {
    const page = await stage.visits.open(server.url, {
      extraHTTPHeaders: { 'x-forwarded-for': '203.0.113.7' },
    });
    await saysText(page.locator('.brief'), 'No figures yet. The server keeps trying.');
    expect(await page.getByText('npm run demo').count()).toBe(0);
  });

  test('fills by itself when the upstreams answer', async () => {
    const down = { status: 503 };
    const routes = ['/api/v3/global', '/api/v3/simple/price', KLINES, '/fng/'];
    await stage.simulator.setFaults(Object.fromEntries(routes.map((route) => [route, down])));
    const waiting = await stage.addServer({ FETCH_INTERVAL_SECONDS: '2' });
    const page = await stage.visits.open(waiting.url);
    await saysLink(page, /^No figures yet/);
    await saysText(page.locator('.brief'), 'No figures yet.');
    await stage.simulator.clearFaults();
    await saysText(page.locator('.brief'), 'Bitcoin is at $77,705.00', 30_000);
    await live(page);
    await until(
      () => page.title(),
      (title) => title.startsWith('$77,705.00'),
    );
    expect(await page.getByText('npm run demo').count()).toBe(0);
  }, 60_000);
});
