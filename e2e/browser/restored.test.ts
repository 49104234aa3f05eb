import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { card, live, plain, saysText } from '../dashboard-page.ts';
import { firstRound, type Stage, setStage } from '../stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterEach(async () => expect(await stage.visits.end()).toEqual([]));
afterAll(() => stage.end());

test('a page that the browser kept is not live when it comes back without a server', async () => {
  const server = await stage.addServer();
  await firstRound(server);
  const page = await stage.visits.open(server.url, { networkFails: true });
  const btc = card(await live(page), 'Bitcoin price');
  await page.goto(`${server.url}/robots.txt`);
  server.signal('SIGKILL');
  await server.exited;

  await page.goBack();
  const [type, transferSize] = await page.evaluate(() =>
    performance
      .getEntriesByType('navigation')
      .flatMap((one) =>
        one instanceof PerformanceNavigationTiming ? [one.type, one.transferSize] : [],
      ),
  );
  expect([type, transferSize]).toEqual(['back_forward', 0]);
  await saysText(btc, /\$77,705\.00.*Out of date/);
  expect(plain(await btc.textContent())).not.toContain('ago');
}, 60_000);
