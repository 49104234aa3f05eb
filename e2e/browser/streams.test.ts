import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Browser, Page } from 'playwright-core';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import { card, live, plain, saysText } from '../dashboard-page.ts';
import { startBrowser } from '../start-browser.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { until } from '../until.ts';
import { createVisits, type Visits } from '../visits.ts';

let simulator: RunningSimulator;
let server: RunningServer;
let browser: Browser;
let visits: Visits;

beforeAll(async () => {
  [simulator, browser] = await Promise.all([startSimulator({ seed: 7 }), startBrowser()]);
  server = await startServer({
    environment: {
      ...simulator.environment,
      COINGECKO_API_KEY: 'simulated',
      FINNHUB_API_KEY: 'simulated',
    },
  });
  visits = createVisits(browser);
});
afterEach(async () => {
  await simulator.setUpstreams({ binance: 'ok' });
  expect(await visits.end()).toEqual([]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
  await simulator.stop();
});

const open = async (): Promise<Page> => live(await visits.open(server.url));
const btc = (page: Page) => card(page, 'Bitcoin price');
const coins = (page: Page) => card(page, 'Coin prices');

/** Every price that the card shows for a while. */
const pricesFor = (page: Page, ms: number): Promise<string[]> =>
  btc(page).evaluate(async (element, forMs) => {
    const seen = new Set<string>();
    const look = () => seen.add(/\$[\d,]+\.\d\d/.exec(element.textContent ?? '')?.[0] ?? '');
    const observer = new MutationObserver(look);
    observer.observe(element, { characterData: true, childList: true, subtree: true });
    await new Promise((resolve) => setTimeout(resolve, forMs));
    observer.disconnect();
    return [...seen];
  }, ms);

describe('live prices', () => {
  test('move on the page without anybody asking, with their range, spread and source', async () => {
    const page = await open();
    await saysText(btc(page), 'Source: Binance');
    await saysText(btc(page), /Spread between exchanges: \d\.\d\d%/);
    await saysText(btc(page), /24h high\$[\d,.]+/);
    const prices = await pricesFor(page, 6000);
    expect(prices.length).toBeGreaterThan(2);
    for (const symbol of ['BTC', 'ETH', 'SOL', 'XRP', 'ADA', 'LINK', 'BNB']) {
      await saysText(coins(page).getByRole('row').filter({ hasText: symbol }).first(), /\$\d/);
    }
    await saysText(coins(page), 'US ETFs: SPY, DIA, QQQ');
  });

  test('go on from the next exchange when theirs dies, and come back to it', async () => {
    const page = await open();
    await saysText(btc(page), 'Source: Binance');
    await simulator.setUpstreams({ binance: 'dead' });
    const diedAtMs = performance.now();
    await saysText(btc(page), 'Source: Coinbase');
    const tookMs = performance.now() - diedAtMs;
    process.stdout.write(
      `the next exchange is shown after ${tookMs.toFixed(0)} ms (target ≤ 5000 ms)\n`,
    );
    expect(tookMs).toBeLessThan(5000);
    expect((await pricesFor(page, 4000)).length).toBeGreaterThan(1);
    await saysText(card(page, 'Daily RSI(14)'), 'Source: Coinbase');
    expect(plain(await card(page, 'Data sources').textContent())).toContain('Live stream');
    await simulator.setUpstreams({ binance: 'ok' });
    // The longest wait between two tries.
    await saysText(btc(page), 'Source: Binance', 35_000);
  }, 60_000);

  test('are those of the others while an exchange is far off, which is set aside', async () => {
    const page = await open();
    await saysText(btc(page), 'Source: Binance');
    await simulator.setMarket({ exchange_offset_percent: { binance: 5 } });
    const sources = card(page, 'Data sources');
    await saysText(sources, /Set aside: price off by \+?[45]\.\d\d%/, 25_000);
    await saysText(btc(page), 'Source: Coinbase');
    await simulator.setMarket({ exchange_offset_percent: { binance: 0 } });
    await until(
      async () => plain(await sources.textContent()),
      (text) => !text.includes('Set aside'),
      25_000,
    );
    expect(await saysText(btc(page), 'Source: Binance')).not.toContain('Source: Coinbase');
  }, 80_000);
});
