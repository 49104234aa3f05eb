import { describe, expect, test } from 'bun:test';
import type { LivePoint } from './follow.ts';
import { TEST_NOW_MS } from './test-document.ts';
import { createPage, rowsOf } from './test-history-page.ts';

describe('the live figure', () => {
  const at = (value: number, afterMs: number): LivePoint => ({
    value,
    source: 'binance',
    asOfMs: TEST_NOW_MS + afterMs,
  });
  const newest = (page: ReturnType<typeof createPage>) => rowsOf(page.price.value).at(-1)?.[1];

  test('moves the newest point at most once a second, without a request', async () => {
    const page = createPage();
    page.show();
    await page.clock.advanceAsync(0);
    let changes = 0;
    const stop = page.price.subscribe(() => {
      changes += 1;
    });
    for (let n = 1; n <= 20; n++) {
      page.point = at(78_000 + n, n * 250);
      page.history.moved();
      await page.clock.advanceAsync(250);
    }
    stop();
    expect(newest(page)).toBeGreaterThan(78_016);
    expect(changes - 1).toBeGreaterThanOrEqual(4);
    expect(changes - 1).toBeLessThanOrEqual(6);
    expect(page.asked).toHaveLength(1);
  });

  test('stays in the series when it is asked for anew', async () => {
    const page = createPage();
    page.show();
    page.point = at(80_000, 30_000);
    await page.clock.advanceAsync(0);
    expect(newest(page)).toBe(80_000);
  });

  test('moves nothing on a page that is hidden, and all at once when it is seen', async () => {
    const page = createPage();
    page.show();
    await page.clock.advanceAsync(0);
    page.isHidden = true;
    page.point = at(80_000, 2000);
    page.history.moved();
    await page.clock.advanceAsync(5000);
    expect(newest(page)).toBeCloseTo(77_705);
    page.isHidden = false;
    page.wake();
    await page.clock.advanceAsync(0);
    expect(newest(page)).toBe(80_000);
  });

  test('that is not live moves nothing', async () => {
    const page = createPage();
    page.show();
    await page.clock.advanceAsync(0);
    const before = page.price.value;
    page.history.moved();
    await page.clock.advanceAsync(5000);
    expect(page.price.value).toBe(before);
  });
});
