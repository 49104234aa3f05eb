import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { type DashboardDocument, fromETag, PATHS } from '../../contract/index.ts';
import { card, plain } from '../dashboard-page.ts';
import { type Stage, setStage, summary } from '../stage.ts';

let stage: Stage;
let held: DashboardDocument;

beforeAll(async () => {
  stage = await setStage();
  const document = await summary(stage.server);
  if (!document) throw new Error('no document');
  held = document;
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

const withoutScript = (locale: string) =>
  stage.visits.open(stage.server.url, { locale, javaScriptEnabled: false });
const textOf = async (page: Page, heading: string) =>
  plain(await card(page, heading).textContent());

const pageText = async (language: string): Promise<string> => {
  const headers = { 'accept-language': language };
  return (await fetch(stage.server.url + PATHS.page, { headers })).text();
};

interface Embedded {
  readonly document: unknown;
  readonly position: unknown;
}
const embeddedIn = (html: string): Embedded => {
  const json = /<script id="[\w-]+" type="application\/json">(.*?)<\/script>/s.exec(html)?.[1];
  return JSON.parse(json ?? 'null');
};

describe('the first paint, without JavaScript', () => {
  test('shows the real numbers in English', async () => {
    const page = await withoutScript('en-US');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(plain(await page.title())).toBe('$77,705.00 · ▼ −1.41% · Bitcoin · Marketcast');
    expect(await textOf(page, 'Bitcoin price')).toContain('$77,705.00▼ −1.41%');
    expect(await textOf(page, 'Total market cap')).toContain('$2.62T▲ +1.60%');
    expect(await textOf(page, '24h volume')).toContain('$95.13B▼ −3.20%');
    expect(await textOf(page, 'Bitcoin dominance')).toMatch(/57\.95%.*9\.58%.*32\.47%/);
    const fng = await textOf(page, 'Fear & Greed');
    expect(fng).toContain('26Fear');
    expect(fng).toContain(`Yesterday${held.fng_history.yesterday?.value}`);
    expect(await textOf(page, 'Daily RSI(14)')).toContain(`${held.rsi_14?.toFixed(2)}Neutral`);
  });

  test('shows the same numbers in Vietnamese', async () => {
    const page = await withoutScript('vi-VN');
    expect(await page.locator('html').getAttribute('lang')).toBe('vi');
    expect(plain(await page.title())).toBe('77.705,00 US$ · ▼ −1,41% · Bitcoin · Marketcast');
    expect(await textOf(page, 'Giá Bitcoin')).toContain('77.705,00 US$▼ −1,41%');
    expect(await textOf(page, 'Tổng vốn hóa thị trường')).toContain('2,62 nghìn tỷ US$▲ +1,60%');
    expect(await textOf(page, 'Khối lượng 24 giờ')).toContain('95,13 tỷ US$▼ −3,20%');
    expect(await textOf(page, 'Thị phần Bitcoin (BTC.D)')).toMatch(/57,95%.*9,58%.*32,47%/);
    expect(await textOf(page, 'Sợ hãi & Tham lam')).toContain('26Sợ hãi');
    const rsi = held.rsi_14?.toFixed(2).replace('.', ',');
    expect(await textOf(page, 'RSI(14) ngày')).toContain(`${rsi}Trung tính`);
  });

  test('says the brief in the same numbers', async () => {
    const page = await withoutScript('en-US');
    expect(plain(await page.locator('.brief').textContent())).toBe(
      'Bitcoin is at $77,705.00, down 1.41% in 24 hours. ' +
        'The whole market is worth $2.62T, up 1.60%. Sentiment: Fear (26/100). ' +
        `Daily RSI ${held.rsi_14?.toFixed(2)}: Neutral.`,
    );
  });

  test("gives every time in UTC, machine-readable and the document's own", async () => {
    const page = await withoutScript('en-US');
    const times = await page.locator('time').all();
    const stamps = await Promise.all(times.map((time) => time.getAttribute('datetime')));
    const own = [held.coins.BTC, held.freshness.market, held.freshness.fng, held.freshness.rsi_14];
    expect(times.length).toBeGreaterThanOrEqual(6);
    for (const figure of own) expect(stamps).toContain(figure?.as_of ?? 'no time');
    for (const time of times) {
      const stamp = (await time.getAttribute('datetime')) ?? '';
      expect(stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(await time.textContent()).toBe(`${stamp.slice(11, 16)} UTC`);
    }
  });

  test('offers no control that would do nothing', async () => {
    const page = await withoutScript('en-US');
    for (const name of ['Refresh figures', 'Pause updates', 'Options']) {
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    }
  });

  test('says that the data are simulated', async () => {
    const page = await withoutScript('en-US');
    expect(await page.getByText('Simulated data').isVisible()).toBe(true);
  });
});

describe('a server that is told its upstreams are real', () => {
  test('shows no word of a simulation', async () => {
    const server = await stage.addServer({ SIMULATED: 'false' });
    const page = await stage.visits.open(server.url);
    await card(page, 'Bitcoin price').waitFor();
    expect(await page.getByText('Simulated data').count()).toBe(0);
    expect(await summary(server)).toMatchObject({ simulated: false });
  });
});

describe('the HTML', () => {
  test('carries exactly the document of the summary and its position', async () => {
    const response = await fetch(stage.server.url + PATHS.summary);
    const embedded = embeddedIn(await pageText('en'));
    expect(embedded.document).toEqual(await response.json());
    expect(embedded.position).toEqual(fromETag(response.headers.get('etag')));
  });

  for (const language of ['vi', 'en']) {
    test(`has no style attribute and no inline script in ${language}`, async () => {
      const html = await pageText(language);
      expect(html).toContain(`lang="${language}"`);
      expect(html).not.toMatch(/<[^>]*\sstyle\s*=/);
      expect(html).not.toMatch(/<[^>]*\son\w+\s*=/);
      const scripts = [...html.matchAll(/<script\b([^>]*)>/g)].map(([, attributes]) => attributes);
      expect(scripts).toHaveLength(2);
      for (const script of scripts) expect(script).toMatch(/src=|type="application\/json"/);
    });
  }
});
