import { describe, expect, test } from 'bun:test';
import { applyPatch, NO_POSITION } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createLive, type RefreshResult, type Snapshot } from '../live/index.ts';
import { testDocument } from '../live/test-document.ts';
import { createControls } from './controls.ts';
import { SETTLE_MS } from './watch.ts';

function createPage(answer: RefreshResult = { status: 'ok' }) {
  const clock = createManualClock();
  const visibility = { isHidden: () => false, onChange: () => () => {} };
  const document = testDocument();
  const live = createLive({ clock, visibility }, { document, renderedAtMs: clock.now() });
  let asked = 0;
  const controls = createControls({
    live,
    clock,
    preferences: { language: 'vi', theme: 'system', colours: 'green-red' },
    appVersion: '1',
    isDeviceOffline: () => false,
    ask: async () => {
      asked += 1;
      return answer;
    },
  });
  const base: Snapshot = {
    document,
    position: NO_POSITION,
    link: { state: 'live' },
    clockOffsetMs: null,
    degraded: [],
    appVersion: '1',
  };
  return {
    clock,
    controls,
    live,
    take: (parts: Partial<Snapshot>) => live.take({ ...base, ...parts }),
    asked: () => asked,
    kinds: () => controls.board.posted.value.map(({ news }) => news.kind),
  };
}

describe('the controls', () => {
  test('speak the chosen language at once, in the visitor’s zone', () => {
    const { controls } = createPage();
    expect(controls.words.value.t('link.live')).toBe('Trực tiếp');
    controls.choose({ language: 'en' });
    controls.setTimeZone('Asia/Ho_Chi_Minh');
    expect(controls.words.value.t('link.live')).toBe('Live');
    expect(controls.words.value.timeZone).toBe('Asia/Ho_Chi_Minh');
  });

  test('keep their words when only the theme changes', () => {
    const { controls } = createPage();
    const before = controls.words.value;
    controls.choose({ theme: 'dark', colours: 'blue-orange' });
    expect(controls.words.value).toBe(before);
    expect(controls.preferences.value).toEqual({
      language: 'vi',
      theme: 'dark',
      colours: 'blue-orange',
    });
  });

  test('refresh one at a time and tell what came of it', async () => {
    const { controls, asked, kinds } = createPage();
    const both = [controls.refresh(), controls.refresh()];
    expect(controls.isRefreshing.value).toBe(true);
    await Promise.all(both);
    expect(asked()).toBe(1);
    expect(controls.isRefreshing.value).toBe(false);
    expect(kinds()).toEqual(['refreshed']);
  });

  test('tell of a refresh that was too soon or failed', async () => {
    const throttled = createPage({ status: 'throttled', retryAfterS: 4 });
    await throttled.controls.refresh();
    expect(throttled.kinds()).toEqual(['throttled']);
    const failed = createPage({ status: 'failed' });
    await failed.controls.refresh();
    expect(failed.kinds()).toEqual(['refresh_failed']);
  });

  test('pause and resume', () => {
    const { controls, live } = createPage();
    controls.togglePause();
    expect(live.isPaused.value).toBe(true);
    controls.togglePause();
    expect(live.isPaused.value).toBe(false);
  });
});

describe('a page that was started', () => {
  test('posts what happens to connection, sources, cluster and version', () => {
    const { clock, controls, take, kinds } = createPage();
    const stop = controls.start();
    take({});
    expect(kinds()).toEqual([]);
    take({ link: { state: 'reconnecting', attempt: 1, max: 5 } });
    expect(kinds()).toEqual(['lost']);
    const failing = applyPatch(testDocument(), { sources: { coingecko: { state: 'failing' } } });
    take({ document: failing, degraded: ['solo'] });
    expect(kinds().toSorted()).toEqual(['cluster', 'restored']);
    clock.advance(SETTLE_MS);
    expect(kinds().toSorted()).toEqual(['cluster', 'restored', 'source_failed']);
    take({ document: failing, appVersion: '2' });
    expect(kinds().at(-1)).toBe('new_version');
    stop();
  });

  test('tells of a source that another one stands in for only whose figures they are now', () => {
    const { clock, controls, take } = createPage();
    controls.start();
    const told = () => controls.board.posted.value.map(({ news }) => news);
    const failing = applyPatch(testDocument(), { sources: { coingecko: { state: 'failing' } } });
    take({ document: failing });
    clock.advance(SETTLE_MS - 1);
    const stoodIn = applyPatch(failing, {
      coins: { BTC: { source: 'kraken' } },
      freshness: { market: { source: 'coinlore' } },
    });
    take({ document: stoodIn });
    clock.advance(1);
    expect(told()).toEqual([
      { kind: 'source_switched', figures: ['btc'], source: 'kraken' },
      { kind: 'source_switched', figures: ['market'], source: 'coinlore' },
    ]);
  });

  test('takes back that figures stand still once they are another source’s', () => {
    const { clock, controls, take, kinds } = createPage();
    controls.start();
    const failing = applyPatch(testDocument(), {
      sources: { alternative_me: { state: 'failing' } },
    });
    take({ document: failing });
    clock.advance(SETTLE_MS);
    expect(kinds()).toEqual(['source_failed']);
    take({ document: applyPatch(failing, { freshness: { fng: { source: 'coinmarketcap' } } }) });
    clock.advance(SETTLE_MS);
    expect(kinds()).toEqual(['source_switched']);
  });

  test('says nothing of a source that was away for a moment', () => {
    const { clock, controls, take, kinds } = createPage();
    controls.start();
    take({
      document: applyPatch(testDocument(), { sources: { coingecko: { state: 'failing' } } }),
    });
    clock.advance(SETTLE_MS - 1);
    take({});
    clock.advance(SETTLE_MS);
    expect(kinds()).toEqual([]);
  });

  test('offers a reload when the first hello is of another version than the page, and not when that comes back', () => {
    const { controls, take, kinds } = createPage();
    controls.start();
    take({ appVersion: null });
    expect(kinds()).toEqual([]);
    take({ appVersion: '2' });
    expect(kinds()).toEqual(['new_version']);
    take({ appVersion: '1' });
    expect(kinds()).toEqual([]);
  });

  test('does not repeat a dismissed notice while it lasts', () => {
    const { controls, take, kinds } = createPage();
    controls.start();
    take({ degraded: ['redis_away'] });
    controls.board.remove('cluster');
    take({ degraded: ['redis_away', 'figures_stale'] });
    expect(kinds()).toEqual([]);
    take({ degraded: [] });
    take({ degraded: ['redis_away'] });
    expect(kinds()).toEqual(['cluster']);
  });
});
