import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { Patch } from '../../contract/index.ts';
import { TEST_NOW_MS } from '../live/test-document.ts';
import { streamedDocument } from '../live/test-streamed-document.ts';
import { startChromium, startTestSite, type TestSite } from './test-site.ts';

/** Of a tick on a machine a quarter as fast, ms of the page's thread. */
const TICK_TARGET_MS = 4;
/** A leak of a hundred bytes a tick would be twice this. */
const HEAP_SLACK_BYTES = 400_000;
/** A notice more or less; a leak of one node a tick would be ten thousand. */
const NODE_SLACK = 100;

let browser: Browser;
let site: TestSite;

beforeAll(async () => {
  const document = streamedDocument();
  [browser, site] = await Promise.all([
    startChromium(),
    startTestSite(document, { nowMs: TEST_NOW_MS }),
  ]);
});
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())).then(() => {}));
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

interface Visit {
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Remembers every mutation, which is a heap of its own. */
  readonly isWatched?: boolean;
}

async function open(query: string, visit: Visit = {}): Promise<Page> {
  const { viewport = { width: 1280, height: 1600 }, isWatched = true } = visit;
  const page = await browser.newPage({ viewport });
  await page.addInitScript(leaveChartsOut);
  if (isWatched) await page.addInitScript(watchMutations);
  await page.goto(site.url + query);
  await page.locator('.link[data-state="live"]').waitFor();
  return page;
}

declare global {
  interface Window {
    /** Elements that came or went, attributes that changed and texts that were written anew, since it was last asked. */
    mutations(): { elements: string[]; attributes: string[]; texts: string[] };
  }
}

/** What is drawn of the past comes when it is near, by itself; here it never is. */
function leaveChartsOut(): void {
  IntersectionObserver.prototype.observe = () => {};
}

/** Watches from the end of parsing, which is before the page's own script. */
function watchMutations(): void {
  let records: MutationRecord[] = [];
  const observer = new MutationObserver((more) => records.push(...more));
  document.addEventListener('readystatechange', () => {
    if (document.readyState !== 'interactive') return;
    const all = { attributes: true, characterData: true, childList: true, subtree: true };
    observer.observe(document.body, all);
  });
  window.mutations = () => {
    const seen = [...records, ...observer.takeRecords()];
    records = [];
    const named = (type: MutationRecordType, name: (record: MutationRecord) => string) =>
      seen.filter((record) => record.type === type).map(name);
    return {
      elements: named('childList', ({ target }) => target.nodeName),
      attributes: named('attributes', ({ target, attributeName }) =>
        target instanceof Element && target.closest('.link') ? '' : String(attributeName),
      ).filter((name) => name !== ''),
      texts: named('characterData', ({ target }) => target.nodeValue ?? ''),
    };
  };
}

let seq = 0;
const tick = (patch: Patch) => site.send({ type: 'dashboard_patch', epoch: 1, seq: ++seq, patch });

/** Prices of all coins, the spread and the RSI, as several streams bring them. */
function tickPrices(n: number): void {
  const up = 1 + (n % 100) / 10_000;
  const { coins } = streamedDocument();
  const prices = Object.entries(coins).map(([symbol, { price_usd }]) => [
    symbol,
    { price_usd: (price_usd ?? 1) * up },
  ]);
  const btc = 77_705 * up;
  tick({
    btc_price_usd: btc,
    rsi_14: 33.45 + (n % 100) / 100,
    coins: Object.fromEntries(prices),
    btc_spread: { percent: (n % 9) / 100 + 0.01, prices: { binance: btc, kraken: btc + 1 } },
  });
}

const shows = (page: Page, text: string) =>
  page.waitForFunction(
    (wanted) => document.querySelector('.btc .amount')?.textContent === wanted,
    text,
  );

describe('a page of streams, a spread and funds', () => {
  for (const query of ['?lang=en', '?lang=vi&theme=dark']) {
    test(`is taken over as the server drew it: no element and no attribute changes (${query})`, async () => {
      const page = await open(query);
      const { elements, attributes, texts } = await page.evaluate(() => window.mutations());
      expect(elements).toEqual([]);
      expect(attributes).toEqual([]);
      expect(texts.length).toBeGreaterThan(5);
      const isTime = /ago|now|in \d|trước|xong|nữa|Live|Trực tiếp/;
      expect(texts.filter((text) => !isTime.test(text))).toEqual([]);
    });
  }

  test('says whose a price is when its button has the focus, and until Escape or the next one', async () => {
    const page = await open('?lang=en');
    const note = (name: string) => page.locator(`#coin-${name}-details`);
    await page.getByRole('button', { name: 'Details of Chainlink' }).focus();
    await page.keyboard.press('Tab');
    expect(await note('BNB').innerText()).toMatch(/^Source: Kraken · \d+\ss ago$/);
    await page.keyboard.press('Escape');
    await note('BNB').waitFor({ state: 'hidden' });
    await page.keyboard.press('Shift+Tab');
    expect(await note('LINK').isVisible()).toBe(true);
    await page.keyboard.press('Shift+Tab');
    expect(await note('LINK').isVisible()).toBe(false);
    expect(await note('ADA').isVisible()).toBe(true);
  });

  for (const [query, width] of [
    ['?lang=en', 320],
    ['?lang=vi', 320],
    ['?lang=vi', 375],
    ['?lang=en', 1280],
  ] as const) {
    test(`moves nothing when all of it goes out of date or is lost (${query}, ${width} px)`, async () => {
      seq = 0;
      const page = await open(query, { viewport: { width, height: 1600 } });
      const tops = () =>
        page
          .locator('main section, tbody tr, .etfs, .etf, footer.foot')
          .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top)));
      const before = await tops();
      const old = { state: 'stale', as_of: '2026-11-23T06:50:00Z' };
      const coins = Object.keys(streamedDocument().coins).map((symbol) => [symbol, old]);
      tick({ coins: Object.fromEntries(coins), btc_spread: null });
      await page.locator('.btc .amount.stale').waitFor();
      expect(await tops()).toEqual(before);
      const unread = { price_usd: null, high_24h: null, low_24h: null, volume_24h_usd: null };
      tick({ coins: { BTC: unread }, us_etfs: { SPY: { ...unread, state: 'unavailable' } } });
      await page.locator('.btc .why').waitFor();
      expect(await tops()).toEqual(before);
    });
  }

  test('opens and closes its details by a press too', async () => {
    const page = await open('?lang=en', { viewport: { width: 375, height: 800 } });
    const button = page.getByRole('button', { name: 'Details of S&P 500' });
    const box = page.locator('#coin-SPY-details');
    await button.click();
    expect(await box.innerText()).toMatch(/^High\s+\$685\.30\s+Low\s+\$659\.79\s/);
    await button.click();
    await box.waitFor({ state: 'hidden' });
    const spread = page.getByRole('button', { name: 'Details of Bitcoin price' });
    await spread.click();
    expect(await page.locator('#btc-spread').innerText()).toContain('$77,736.10');
  });
});

describe('ticks', () => {
  const send = async (page: Page, from: number, count: number) => {
    for (let n = from; n < from + count; n++) {
      tickPrices(n);
      // A hundred at once are more than any stream brings, and still every one is taken.
      if (n % 100 === 99) await new Promise((resolve) => setTimeout(resolve));
    }
    tick({ coins: { BTC: { price_usd: 80_000 + from } } });
    await shows(page, `$${(80_000 + from).toLocaleString('en-US')}.00`);
  };

  test('write texts anew, and touch neither elements nor anything but the tint of a change', async () => {
    seq = 0;
    const page = await open('?lang=en');
    await page.evaluate(() => window.mutations());
    await send(page, 1, 99);
    const { elements, attributes, texts } = await page.evaluate(() => window.mutations());
    expect(elements).toEqual([]);
    expect(
      [...new Set(attributes)].filter((name) => !['class', 'transform'].includes(name)),
    ).toEqual(['aria-label']);
    expect(texts.length).toBeGreaterThan(20);
  });

  test('by the ten thousand leave heap and document flat', async () => {
    seq = 0;
    const page = await open('?lang=en', { isWatched: false });
    const session = await page.context().newCDPSession(page);
    await send(page, 1, 1000);
    const before = await measure(session);
    for (let round = 1; round <= 10; round++) await send(page, round * 1000, 1000);
    const after = await measure(session);
    process.stdout.write(
      `10 000 ticks: heap ${before.heap} → ${after.heap} B, nodes ${before.nodes} → ${after.nodes}\n`,
    );
    expect(after.heap - before.heap).toBeLessThan(HEAP_SLACK_BYTES);
    expect(after.nodes - before.nodes).toBeLessThan(NODE_SLACK);
  }, 60_000);

  test('say what they cost the page’s thread', async () => {
    seq = 0;
    const page = await open('?lang=en', { isWatched: false });
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    const count = 12;
    const before = await spent(session);
    for (let n = 1; n <= count; n++) {
      tickPrices(n);
      // As often as a server lets its patches go.
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const after = await spent(session);
    const perTick = (name: 'ScriptDuration' | 'TaskDuration') =>
      ((1000 * (after[name] - before[name])) / count).toFixed(1);
    process.stdout.write(
      `a tick of all coins at a quarter of the speed: script ${perTick('ScriptDuration')} ms, ` +
        `with painting ${perTick('TaskDuration')} ms (target ≤ ${TICK_TARGET_MS})\n`,
    );
    expect(after.TaskDuration).toBeGreaterThan(before.TaskDuration);
  });
});

async function measure(session: CDPSession): Promise<{ heap: number; nodes: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const { nodes } = await session.send('Memory.getDOMCounters');
  return { heap: Math.round(usedSize), nodes };
}

/** Seconds of the page's thread so far. */
async function spent(session: CDPSession) {
  const { metrics } = await session.send('Performance.getMetrics');
  const read = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? 0;
  return { ScriptDuration: read('ScriptDuration'), TaskDuration: read('TaskDuration') };
}
