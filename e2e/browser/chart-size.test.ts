import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { PATHS } from '../../contract/index.ts';
import { type Stage, setStage } from '../stage.ts';
import { until } from '../until.ts';

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 800 };
/** Heights of the RSI's strip at both, px, and how far a line between panes may take from it. */
const STRIP = { wide: 96, phone: 72 };
const SEPARATOR_PX = 2;

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
  const url = `${stage.server.url}${PATHS.history}?series=btc_price&range=1y`;
  const count = async () => (await (await fetch(url)).json()).rows.length;
  await until(count, (rows) => rows >= 365, 25_000);
}, 40_000);
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

/** What the canvas has written, from now on where it is emptied. */
const RECORD = `
  globalThis.written = new Set();
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function write(text, ...place) {
    globalThis.written.add(text);
    fillText.call(this, text, ...place);
  };`;

/** Days on the time axis, as they are written since they were last forgotten. */
const daysOn = (page: Page) =>
  page.evaluate<string[]>('[...written].filter((text) => /^[A-Z][a-z]{2} \\d+$/.test(text))');

/** The heights of price and strip, px. */
const panesOf = (page: Page) =>
  page.evaluate<number[]>(
    '[...document.querySelectorAll(".chart-canvas tr")].map((row) => row.getBoundingClientRect().height).filter((px) => px > 40)',
  );

const stripIs = (px: number) => (panes: readonly number[]) =>
  panes.length === 2 && Math.abs((panes[1] ?? 0) - px) <= SEPARATOR_PX;

describe('a window whose size changes', () => {
  test('shows the whole range and the strip as high as it is to be', async () => {
    const page = await stage.visits.open(stage.server.url, {
      prepare: (fresh) => fresh.addInitScript(RECORD),
    });
    await page.setViewportSize(WIDE);
    await page.locator('.chart-strip').waitFor();
    await page.getByRole('button', { name: '1Y', exact: true }).click();
    await until(() => panesOf(page), stripIs(STRIP.wide));
    const wide = await daysOn(page);
    expect(wide.length).toBeGreaterThan(2);

    await page.evaluate('written.clear()');
    await page.setViewportSize(PHONE);
    await until(() => panesOf(page), stripIs(STRIP.phone));
    // A year on a phone has room for a mark or two: those of months that only a whole year reaches.
    const months = async () => new Set((await daysOn(page)).map((day) => day.slice(0, 3)));
    const early = ['Dec', 'Jan', 'Feb', 'Mar', 'Apr', 'May'];
    const reached = await until(months, (found) => early.some((month) => found.has(month)));
    expect(reached.size).toBeGreaterThan(0);

    await page.setViewportSize(WIDE);
    await until(() => panesOf(page), stripIs(STRIP.wide));
    expect((await panesOf(page)).length).toBe(2);
  });
});
