import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { card, live, saysNotice, saysText } from '../dashboard-page.ts';
import { freshRound, type Stage, setStage, summaryWhere } from '../stage.ts';

const KLINES = '/api/v3/klines';
const GLOBAL = '/api/v3/global';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
beforeEach(async () => {
  await stage.simulator.clearFaults();
  await freshRound(stage.server);
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

const open = async (): Promise<Page> => live(await stage.visits.open(stage.server.url));
const source = (page: Page, name: string) =>
  card(page, 'Data sources').getByRole('listitem').filter({ hasText: name });

describe('the panel of sources', () => {
  test('says of each what it supplies, that it is well, and when it last answered', async () => {
    const page = await open();
    await saysText(source(page, 'CoinGecko'), /Bitcoin price.*24h volume.*OK.*Last success: /);
    await saysText(source(page, 'alternative.me'), /Fear & Greed.*OK/);
    await saysText(source(page, 'Binance'), /Daily RSI\(14\).*OK.*Last success: .*ago|just now/);
    const { sources } = await summaryWhere(stage.server, () => true);
    const asked = Object.values(sources).filter(({ state }) => state !== 'off');
    expect(await card(page, 'Data sources').getByRole('listitem').count()).toBe(asked.length);
  });

  test('names the sources that are off', async () => {
    const page = await open();
    expect(await card(page, 'Data sources').textContent()).toMatch(/Off: .*TAAPI/);
    const server = await stage.addServer({ TAAPI_SECRET: 'any-secret' });
    const withKey = await live(await stage.visits.open(server.url));
    await saysText(source(withKey, 'TAAPI'), /Daily RSI\(14\).*OK/);
    expect(await card(withKey, 'Data sources').textContent()).not.toMatch(/Off: .*TAAPI/);
    await saysText(card(withKey, 'Daily RSI(14)'), /TAAPI\d\d\.\d\d/);
  });

  test('says why one fails, when it is tried again, and that it is back', async () => {
    const page = await open();
    await stage.simulator.setFaults({ [KLINES]: { status: 503 } });
    await freshRound(stage.server);
    await saysText(
      source(page, 'Binance'),
      /Failing: cannot be reached.*Last success: .*(Next try in \d+ min|Trying now)/,
    );
    await saysNotice(page, /^Binance does not answer; its figures stay as of \d\d:\d\d( UTC)?\.$/);
    await saysText(source(page, 'CoinGecko'), 'OK');
    await stage.simulator.clearFaults();
    await freshRound(stage.server);
    await saysText(source(page, 'Binance'), 'OK');
    const [notice] = await saysNotice(page, /^Binance is back\.$/);
    expect(notice).toBe('Binance is back.');
  });

  test('says what happened once, and a notice can be dismissed', async () => {
    const page = await open();
    await stage.simulator.setFaults({ [KLINES]: { status: 503 } });
    await freshRound(stage.server);
    await saysNotice(page, /^Binance does not answer/);
    const dismiss = page.getByRole('button', { name: 'Dismiss' });
    expect(await dismiss.count()).toBe(1);
    await dismiss.click();
    expect(await page.locator('.notices li').count()).toBe(0);
    await freshRound(stage.server);
    await saysText(source(page, 'Binance'), 'Failing');
    expect(await page.locator('.notices li').count()).toBe(0);
  });

  for (const [name, fault, words] of [
    ['asks us to wait', { status: 429, headers: { 'retry-after': '1' } }, 'Rate limited'],
    ['answers nonsense', { malformed: true }, 'Failing: invalid answer'],
    ['answers too much', { hugeBytes: 6_000_000 }, 'Failing: answer too large'],
    // The last: whoever refuses us is left alone for longer than this test takes.
    ['refuses us', { status: 451 }, 'Refused'],
  ] as const) {
    test(`says of one that ${name}: ${words}`, async () => {
      const page = await open();
      await stage.simulator.setFaults({ [GLOBAL]: { ...fault, times: 1 } });
      await freshRound(stage.server);
      const text = await saysText(source(page, 'CoinGecko'), words);
      expect(text).not.toContain('OK');
      await saysText(card(page, 'Total market cap'), '$2.62T');
    });
  }
});
