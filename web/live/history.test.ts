import { describe, expect, test } from 'bun:test';
import { historyPath } from './history.ts';
import { testHistory } from './test-history.ts';
import { type Answer, createPage, fromSeries, rowsOf, silent } from './test-history-page.ts';

const MINUTE_MS = 60_000;
/** After the end of the first interval, with the middle of the spread. */
const NEXT_MS = 5 * MINUTE_MS + 11_000;

describe('a series', () => {
  test('is asked for only once something shows it, and is then ready', async () => {
    const page = createPage();
    await page.clock.advanceAsync(MINUTE_MS);
    expect(page.asked).toEqual([]);
    page.show();
    expect(page.state()).toBe('loading');
    await page.clock.advanceAsync(0);
    expect(page.asked).toEqual(['/api/crypto/history?series=btc_price&range=24h']);
    expect(page.price.value).toEqual({ state: 'ready', body: testHistory('btc_price', '24h') });
    expect(historyPath('coin:ETH', '7d', 'csv')).toBe(
      '/api/crypto/history?series=coin%3AETH&range=7d&format=csv',
    );
  });

  test('is asked for again right after each five minutes, as long as it is shown', async () => {
    const page = createPage();
    const stop = page.show();
    await page.clock.advanceAsync(NEXT_MS - 1);
    expect(page.asked).toHaveLength(1);
    await page.clock.advanceAsync(1);
    expect(page.asked).toHaveLength(2);
    await page.clock.advanceAsync(5 * MINUTE_MS);
    expect(page.asked).toHaveLength(3);
    stop();
    stop();
    await page.clock.advanceAsync(20 * MINUTE_MS);
    expect(page.asked).toHaveLength(3);
    expect(page.clock.pending()).toBe(0);
  });

  test('is kept: shown again it is there at once, and asked for only when it is due', async () => {
    const page = createPage();
    page.show()();
    await page.clock.advanceAsync(0);
    expect(page.asked).toHaveLength(0);
    const stop = page.show();
    await page.clock.advanceAsync(0);
    stop();
    const again = page.show();
    expect(page.state()).toBe('ready');
    await page.clock.advanceAsync(MINUTE_MS);
    again();
    expect(page.asked).toHaveLength(1);
    await page.clock.advanceAsync(10 * MINUTE_MS);
    page.show();
    expect(page.state()).toBe('ready');
    await page.clock.advanceAsync(0);
    expect(page.asked).toHaveLength(2);
  });

  test('that several things show is asked for once, never twice at the same time', async () => {
    const page = createPage(silent);
    page.show();
    page.show();
    await page.clock.advanceAsync(0);
    page.history.retry('btc_price', '24h');
    page.history.lookAgain();
    await page.clock.advanceAsync(0);
    expect(page.asked).toHaveLength(1);
    page.history.close();
  });

  test('that nobody shows any more is given up on its way', async () => {
    const page = createPage(silent);
    const stop = page.show();
    await page.clock.advanceAsync(0);
    stop();
    await page.clock.advanceAsync(0);
    expect(page.aborted).toBe(1);
    expect(page.state()).toBe('loading');
    page.answer = fromSeries;
    page.show();
    await page.clock.advanceAsync(0);
    expect(page.state()).toBe('ready');
  });
});

describe('a request that fails', () => {
  test('after ten seconds, by its status or by what it says, says so', async () => {
    const wrong: Answer[] = [
      silent,
      () => new Response(null, { status: 503 }),
      () => new Response('<html>'),
      () => Response.json({}),
      () => Promise.reject(new TypeError('no network')),
    ];
    for (const answer of wrong) {
      const page = createPage(answer);
      page.show();
      await page.clock.advanceAsync(answer === silent ? 9_999 : 0);
      expect(page.state()).toBe(answer === silent ? 'loading' : 'failed');
      await page.clock.advanceAsync(1);
      expect(page.state()).toBe('failed');
      page.history.close();
    }
  });

  test('is made again by the button at once, by itself ever later', async () => {
    const page = createPage(() => new Response(null, { status: 503 }));
    page.show();
    await page.clock.advanceAsync(0);
    page.answer = silent;
    page.history.retry('btc_price', '24h');
    expect(page.state()).toBe('loading');
    await page.clock.advanceAsync(10_000);
    expect(page.state()).toBe('failed');
    page.answer = () => new Response(null, { status: 503 });
    const counts = [];
    for (const waitMs of [10_000, 20_000, 40_000]) {
      await page.clock.advanceAsync(waitMs - 1);
      const before = page.asked.length;
      await page.clock.advanceAsync(1);
      counts.push(page.asked.length - before);
    }
    expect(counts).toEqual([1, 1, 1]);
  });

  test('takes nothing away that was there', async () => {
    const page = createPage();
    page.show();
    await page.clock.advanceAsync(0);
    const before = page.price.value;
    page.answer = () => new Response(null, { status: 503 });
    await page.clock.advanceAsync(NEXT_MS);
    expect(page.asked).toHaveLength(2);
    expect(page.price.value).toBe(before);
  });
});

describe('a server whose past is still being filled', () => {
  test('is asked again soon, until the series is as long as its range', async () => {
    const page = createPage(() => Response.json({ ...testHistory('btc_price', '24h'), rows: [] }));
    page.show();
    await page.clock.advanceAsync(0);
    expect(page.state()).toBe('empty');
    page.answer = () => Response.json(testHistory('btc_price', '24h', { hole: [0, 0.5] }));
    await page.clock.advanceAsync(5_000);
    expect(page.state()).toBe('ready');
    expect(page.asked).toHaveLength(2);
    page.answer = fromSeries;
    await page.clock.advanceAsync(10_000);
    expect(rowsOf(page.price.value)).toHaveLength(288);
    await page.clock.advanceAsync(2 * MINUTE_MS);
    expect(page.asked).toHaveLength(3);
  });
});

describe('a coin whose past is still being filled', () => {
  test('has all of them asked for again soon', async () => {
    const week = testHistory('sparklines', '7d');
    const rows = week.rows.map((row, at) =>
      at < week.rows.length - 1 ? [...row.slice(0, -1), null] : row,
    );
    const page = createPage(() => Response.json({ ...week, rows }));
    page.history.show('sparklines', '7d');
    await page.clock.advanceAsync(0);
    page.answer = fromSeries;
    await page.clock.advanceAsync(5_000);
    await page.clock.advanceAsync(MINUTE_MS);
    expect(page.asked).toHaveLength(2);
  });
});

describe('a page that nobody sees', () => {
  test('asks for nothing until it is seen again', async () => {
    const page = createPage();
    page.show();
    await page.clock.advanceAsync(0);
    page.isHidden = true;
    await page.clock.advanceAsync(20 * MINUTE_MS);
    expect(page.asked).toHaveLength(1);
    page.isHidden = false;
    page.wake();
    await page.clock.advanceAsync(0);
    expect(page.asked).toHaveLength(2);
  });

  test('and one that was cut off look again only for what is older than a minute', async () => {
    const page = createPage();
    page.show();
    await page.clock.advanceAsync(0);
    await page.clock.advanceAsync(MINUTE_MS - 1);
    page.history.lookAgain();
    expect(page.asked).toHaveLength(1);
    await page.clock.advanceAsync(1);
    page.history.lookAgain();
    expect(page.asked).toHaveLength(2);
  });
});

describe('a pause', () => {
  test('keeps what is shown as it is, and still lets another range be loaded', async () => {
    const page = createPage();
    page.show();
    await page.clock.advanceAsync(0);
    page.isPaused = true;
    await page.clock.advanceAsync(10 * MINUTE_MS);
    expect(page.asked).toHaveLength(1);
    page.history.show('btc_price', '7d');
    await page.clock.advanceAsync(0);
    expect(page.asked).toHaveLength(2);
    page.isPaused = false;
    page.history.lookAgain();
    await page.clock.advanceAsync(0);
    expect(page.asked.slice(2)).toEqual([historyPath('btc_price', '24h')]);
  });
});
