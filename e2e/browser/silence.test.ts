import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { card, live, saysLink, saysNotice, saysText } from '../dashboard-page.ts';
import { firstRound, freshRound, type Stage, setStage } from '../stage.ts';
import type { RunningServer } from '../start-server.ts';
import { createVisits, type Visits } from '../visits.ts';

/** The page asks after 20 s without a word and gives up 10 s later; and some time for a busy machine. */
const NOTICED_WITHIN_MS = 20_000 + 10_000 + 10_000;
/** Then five attempts and a poll, as after any other loss. */
const GIVEN_UP_WITHIN_MS = NOTICED_WITHIN_MS + 3 * 15_500;
/** Back from polling, or from an attempt that may hang for 10 s. */
const BACK_WITHIN_MS = 3 * 18_000;

let stage: Stage;
let frozen: RunningServer;
let frozenPage: Page;
let cutOffPage: Page;
let cutOff: Visits;
let silentSince: number;

// Both silences begin here, at once: most of each is waiting.
beforeAll(async () => {
  stage = await setStage();
  cutOff = createVisits(stage.browser);
  frozen = await stage.addServer();
  await firstRound(frozen);
  const options = { networkFails: true };
  frozenPage = await live(await stage.visits.open(frozen.url, options));
  cutOffPage = await live(await cutOff.open(stage.server.url, options));
  silentSince = performance.now();
  frozen.signal('SIGSTOP');
  await cutOffPage.context().setOffline(true);
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(async () => {
  frozen.signal('SIGCONT');
  await stage.end();
});

const silentForMs = () => performance.now() - silentSince;

describe('a server that is frozen', () => {
  test('is noticed by its silence, and the page is live again when it goes on', async () => {
    await saysLink(frozenPage, /^Reconnecting \(1\/5\)$/, NOTICED_WITHIN_MS);
    process.stdout.write(`noticed after ${(silentForMs() / 1000).toFixed(1)} s (target ≤ 30 s)\n`);
    expect(silentForMs()).toBeGreaterThan(20_000);
    expect(silentForMs()).toBeLessThan(NOTICED_WITHIN_MS);
    await saysNotice(frozenPage, /^Connection lost\. Trying again\.$/);
    frozen.signal('SIGCONT');
    await saysLink(frozenPage, 'Live', BACK_WITHIN_MS);
    await saysNotice(frozenPage, /^Connected again after \d+ s\.$/);
    await stage.simulator.setMarket({ btc_price_usd: 77_001 });
    await freshRound(frozen);
    await saysText(card(frozenPage, 'Bitcoin price'), '$77,001.00');
  }, 120_000);
});

describe('a device that goes offline', () => {
  test('says so with the time its figures stopped at, and is live again when it is back', async () => {
    await saysLink(cutOffPage, /^Offline · figures from \d\d:\d\d/, GIVEN_UP_WITHIN_MS);
    await saysNotice(cutOffPage, /^This device is offline\. Figures stopped at \d\d:\d\d/);
    await saysText(card(cutOffPage, 'Bitcoin price'), 'Out of date, ');
    await stage.simulator.setMarket({ btc_price_usd: 77_002 });
    await freshRound(stage.server);
    await cutOffPage.context().setOffline(false);
    await saysLink(cutOffPage, 'Live', BACK_WITHIN_MS);
    await saysNotice(cutOffPage, /^Connected again after \d+ s\.$/);
    await saysText(card(cutOffPage, 'Bitcoin price'), '$77,002.00');
    expect(await cutOff.end()).toEqual([]);
  }, 120_000);
});
