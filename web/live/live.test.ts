import { describe, expect, test } from 'bun:test';
import { effect } from '@preact/signals';
import type { Snapshot } from '../../client/index.ts';
import { applyPatch, NO_POSITION } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createLive, deadlinesOf } from './live.ts';
import { emptyTestDocument, TEST_NOW_MS, testDocument } from './test-document.ts';

function createPage(document = testDocument(), clockMs = TEST_NOW_MS) {
  const clock = createManualClock(clockMs);
  const visibility = { isHidden: () => false, onChange: () => () => {} };
  const live = createLive({ clock, visibility }, { document, renderedAtMs: TEST_NOW_MS });
  const base: Snapshot = {
    document,
    position: NO_POSITION,
    link: { state: 'live' },
    clockOffsetMs: null,
    degraded: [],
    appVersion: null,
  };
  return { clock, live, take: (parts: Partial<Snapshot>) => live.take({ ...base, ...parts }) };
}

describe('before the page has come alive', () => {
  test('figures are judged by the time of the rendering, whatever the clock of the device says', () => {
    const { live } = createPage(testDocument(), TEST_NOW_MS + 3_600_000);
    expect(live.figures.btc.value.state).toBe('live');
    expect(live.nowMs.value).toBeNull();
  });

  test('a live figure that was too old at the rendering is stale', () => {
    const old = { coins: { BTC: { as_of: '2026-11-23T06:58:00Z' } } };
    const { live } = createPage(applyPatch(testDocument(), old));
    expect(live.figures.btc.value.state).toBe('stale');
  });
});

describe('the connection', () => {
  test('is not called live while there is not a single figure', () => {
    const { live, take } = createPage(emptyTestDocument());
    expect(live.shownLink.value).toEqual({ state: 'connecting' });
    take({});
    expect(live.shownLink.value).toEqual({ state: 'no_data' });
    expect(live.link.value).toEqual({ state: 'live' });
    take({ link: { state: 'offline' } });
    expect(live.shownLink.value).toEqual({ state: 'offline' });
    take({ document: testDocument() });
    expect(live.shownLink.value).toEqual({ state: 'live' });
  });
});

describe('a living page', () => {
  test('turns a figure stale by itself when its time is over', () => {
    const { clock, live } = createPage();
    live.start();
    clock.advance(29_000);
    expect(live.figures.btc.value.state).toBe('live');
    clock.advance(2000);
    expect(live.figures.btc.value.state).toBe('stale');
    expect(live.figures.market.value.state).toBe('live');
  });

  test('counts from the rendering, not by the device, until it hears the server’s time', () => {
    for (const wrongByMs of [3_600_000, -3_600_000]) {
      const { clock, live, take } = createPage(testDocument(), TEST_NOW_MS + wrongByMs);
      live.start();
      clock.advance(20_000);
      expect(live.now()).toBe(TEST_NOW_MS + 20_000);
      expect(live.figures.btc.value.state).toBe('live');
      clock.advance(11_000);
      expect(live.figures.btc.value.state).toBe('stale');
      take({ clockOffsetMs: -wrongByMs - 5_000 });
      expect(live.nowMs.value).toBe(TEST_NOW_MS + 26_000);
      expect(live.figures.btc.value.state).toBe('live');
    }
  });

  test('counts the time from the page’s arrival to the start of its script', () => {
    const clock = createManualClock(0);
    clock.advance(31_000);
    const visibility = { isHidden: () => false, onChange: () => () => {} };
    const rendered = { document: testDocument(), renderedAtMs: TEST_NOW_MS, receivedAtMs: 200 };
    const live = createLive({ clock, visibility }, rendered);
    expect(live.figures.btc.value.state).toBe('live');
    live.start();
    expect(live.now()).toBe(TEST_NOW_MS + 30_800);
    expect(live.figures.btc.value.state).toBe('stale');
  });

  test('out of the browser’s cache holds every figure, without an age, until the server’s first word', () => {
    const clock = createManualClock(TEST_NOW_MS);
    const visibility = { isHidden: () => false, onChange: () => () => {} };
    const document = testDocument();
    const live = createLive(
      { clock, visibility },
      { document, renderedAtMs: TEST_NOW_MS, receivedAtMs: null },
    );
    // As the server rendered it, for the markup to be taken over.
    expect(live.figures.btc.value.state).toBe('live');
    live.start();
    clock.advance(20_000);
    const { btc, market, fng, rsi } = live.figures;
    const states = () => [btc, market, fng, rsi].map((figure) => figure.value.state);
    expect(states()).toEqual(Array(4).fill('stale'));
    expect(live.nowMs.value).toBeNull();
    const word: Snapshot = {
      document,
      position: NO_POSITION,
      link: { state: 'reconnecting', attempt: 1, max: 5 },
      clockOffsetMs: null,
      degraded: [],
      appVersion: null,
    };
    live.take(word);
    expect(states()).toEqual(Array(4).fill('stale'));
    live.take({ ...word, link: { state: 'live' }, clockOffsetMs: 0 });
    expect(states()).toEqual(Array(4).fill('live'));
    expect(live.nowMs.value).toBe(TEST_NOW_MS + 20_000);
  });

  test('takes a server’s time that agrees with the device', () => {
    const { clock, live, take } = createPage();
    live.start();
    take({ clockOffsetMs: 0 });
    clock.setWall(TEST_NOW_MS + 60_000);
    expect(live.now()).toBe(TEST_NOW_MS + 60_000);
  });

  test('corrects its clock by the server', () => {
    const { live, take } = createPage(testDocument(), TEST_NOW_MS - 7_200_000);
    take({ clockOffsetMs: 7_200_000 });
    live.start();
    expect(live.nowMs.value).toBe(TEST_NOW_MS);
    expect(live.figures.btc.value.state).toBe('live');
  });

  test('has nothing better than stale while it is offline', () => {
    const { live, take } = createPage();
    live.start();
    take({ link: { state: 'offline' } });
    const { btc, market, fng, rsi } = live.figures;
    expect([btc, market, fng, rsi].map((figure) => figure.value.state)).toEqual(
      Array(4).fill('stale'),
    );
    take({});
    expect(btc.value.state).toBe('live');
  });

  test('shows the moment of the pause until it is resumed', () => {
    const { live, take } = createPage();
    live.start();
    live.setPaused(true);
    take({ document: applyPatch(testDocument(), { coins: { BTC: { price_usd: 80_000 } } }) });
    expect(live.figures.btc.value.value.price_usd).toBe(77_705);
    expect(live.figures.btc.value.state).toBe('stale');
    expect(live.shownLink.value).toEqual({ state: 'paused' });
    expect(live.link.value).toEqual({ state: 'live' });
    live.setPaused(false);
    expect(live.figures.btc.value.value.price_usd).toBe(80_000);
    expect(live.figures.btc.value.state).toBe('live');
  });

  test('keeps its document when the client holds none', () => {
    const { live, take } = createPage();
    take({ document: null });
    expect(live.figures.btc.value.value.price_usd).toBe(77_705);
  });

  test('wakes only the group that a patch touches', () => {
    const { live, take } = createPage();
    live.start();
    const woken: string[] = [];
    const stops = (['btc', 'market', 'fng', 'rsi', 'sources'] as const).map((name) =>
      effect(() => {
        live.figures[name].value;
        woken.push(name);
      }),
    );
    woken.length = 0;
    take({ document: applyPatch(testDocument(), { coins: { BTC: { price_usd: 77_706 } } }) });
    for (const stop of stops) stop();
    expect(woken).toEqual(['btc']);
  });

  test('flashes a new price, but not the first ones and not those gathered in a pause', () => {
    const { clock, live, take } = createPage();
    const setPrice = (price: number) =>
      take({ document: applyPatch(testDocument(), { coins: { BTC: { price_usd: price } } }) });
    live.start();
    setPrice(77_706);
    expect(live.flashes.btc.value).toBe('flat');
    clock.advance(3000);
    setPrice(77_700);
    expect(live.flashes.btc.value).toBe('down');
    clock.advance(3000);
    live.setPaused(true);
    setPrice(70_000);
    live.setPaused(false);
    expect(live.flashes.btc.value).toBe('flat');
  });

  test('leaves no timer behind', () => {
    const { clock, live } = createPage();
    live.start();
    live.close();
    expect(clock.pending()).toBe(0);
  });
});

describe('facts beside the figures', () => {
  test('tell that nothing was ever read', () => {
    expect(createPage(emptyTestDocument()).live.hasNoFigures.value).toBe(true);
    expect(createPage().live.hasNoFigures.value).toBe(false);
  });

  test('tell what the ticker has to watch', () => {
    expect(deadlinesOf(testDocument(), TEST_NOW_MS)).toEqual({
      newestMs: TEST_NOW_MS - 10_000,
      nextStaleMs: TEST_NOW_MS + 30_000,
    });
    expect(deadlinesOf(emptyTestDocument(), TEST_NOW_MS)).toEqual({
      newestMs: null,
      nextStaleMs: null,
    });
  });
});
