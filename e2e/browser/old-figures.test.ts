import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import type { DashboardDocument } from '../../contract/index.ts';
import { saysText } from '../dashboard-page.ts';
import { overlaps, sideways, stickingOut } from '../page-geometry.ts';
import { type Stage, setStage } from '../stage.ts';

const LOCALES = ['vi-VN', 'en-US'];

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ TAAPI_SECRET: 'any-secret' });
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

const open = (width: number, locale: string) =>
  stage.visits.open(stage.server.url, { locale, viewport: { width, height: 800 } });

const TEN_MINUTES_AGO = () => new Date(Date.now() - 600_000).toISOString();

/** Changes whole documents on their way to the page. */
async function withDocument(
  page: Page,
  change: (document: DashboardDocument) => unknown,
): Promise<void> {
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => {
      const frame = text === 'pong' ? null : JSON.parse(String(text));
      if (frame?.type !== 'dashboard_update') return socket.send(text);
      change(frame.data);
      socket.send(JSON.stringify(frame));
    });
  });
  await page.reload();
}

/** Gives every coin but Bitcoin a price from a while ago: no upstream is asked for so many. */
const withOldCoins = (page: Page): Promise<void> =>
  withDocument(page, ({ coins }) => {
    const old = { price_usd: 2804.12, change_24h: -10.84, source: 'binance', state: 'stale' };
    for (const [symbol, coin] of Object.entries(coins)) {
      if (symbol !== 'BTC') Object.assign(coin, old, { as_of: TEN_MINUTES_AGO() });
    }
  });

describe('an RSI of TAAPI that is out of date', () => {
  for (const locale of LOCALES) {
    for (const width of [320, 375, 768, 1024, 1440]) {
      test(`says so on one line at ${width} px (${locale})`, async () => {
        const page = await open(width, locale);
        await withDocument(page, ({ freshness }) =>
          Object.assign(freshness.rsi_14_taapi, { as_of: TEN_MINUTES_AGO(), state: 'stale' }),
        );
        const row = page.locator('.rsi .fact', { hasText: 'TAAPI' });
        await saysText(row, /10\sphút trước|10\smin ago/);
        // A line of its type and the room around it.
        expect((await row.boundingBox())?.height).toBeLessThan(32);
        expect(await sideways(page)).toBe(0);
        expect(await stickingOut(page)).toEqual([]);
        expect(await overlaps(page)).toEqual([]);
      });
    }
  }
});

describe('coins that are out of date', () => {
  for (const locale of LOCALES) {
    for (const width of [320, 768, 1024]) {
      test(`say so on one line each at ${width} px (${locale})`, async () => {
        const page = await open(width, locale);
        await withOldCoins(page);
        const notes = page.locator('.coin-name .note');
        await saysText(notes.first(), /10\sphút trước|10\smin ago/);
        const heights = (selector: string) =>
          page
            .locator(selector)
            .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
        const lines = await heights('.coin-name .note');
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
