import { describe, expect, test } from 'bun:test';
import type { Link } from '../live/index.ts';
import { createLinkWatch, isCutOff } from './news.ts';

/** What is said as the connection goes through states, one a second. */
function saidOn(device: { readonly isDeviceOffline: boolean }, ...links: Link[]) {
  const watch = createLinkWatch();
  return links.map((link, second) =>
    watch(link, { ...device, monotonicMs: second * 1000, lastUpdatedMs: 5 }),
  );
}
const saidOf = (...links: Link[]) => saidOn({ isDeviceOffline: false }, ...links);

const LIVE: Link = { state: 'live' };
const OFFLINE: Link = { state: 'offline' };
const POLLING: Link = { state: 'polling', intervalS: 30 };
const reconnecting = (attempt: number): Link => ({ state: 'reconnecting', attempt, max: 5 });

describe('news of the connection', () => {
  test('are none at a start that goes well', () => {
    expect(saidOf({ state: 'connecting' }, LIVE)).toEqual([null, null]);
  });

  test('tell a loss once, whatever the number of attempts, and how long it took', () => {
    expect(saidOf(LIVE, reconnecting(1), reconnecting(2), reconnecting(3), LIVE)).toEqual([
      null,
      { kind: 'lost' },
      null,
      null,
      { kind: 'restored', afterMs: 3000 },
    ]);
  });

  test('tell of polling, of being offline with the time of the figures, and of the end of both', () => {
    const links = [LIVE, reconnecting(1), POLLING, OFFLINE, POLLING, LIVE];
    expect(saidOn({ isDeviceOffline: true }, ...links)).toEqual([
      null,
      { kind: 'lost' },
      { kind: 'polling', intervalS: 30 },
      { kind: 'offline', atMs: 5 },
      { kind: 'polling', intervalS: 30 },
      { kind: 'restored', afterMs: 4000 },
    ]);
  });

  test('do not blame the device for a server that does not answer', () => {
    expect(saidOf(LIVE, reconnecting(1), OFFLINE)).toEqual([null, { kind: 'lost' }, null]);
    expect(saidOf(LIVE, POLLING, OFFLINE)).toEqual([
      null,
      { kind: 'polling', intervalS: 30 },
      { kind: 'lost' },
    ]);
  });

  test('do not call lost what never was there', () => {
    expect(saidOf({ state: 'connecting' }, reconnecting(1), POLLING)).toEqual([
      null,
      null,
      { kind: 'polling', intervalS: 30 },
    ]);
  });
});

describe('a server that is cut off', () => {
  test('is one without its Redis or on its own, not one with old figures', () => {
    expect(isCutOff(['redis_away'])).toBe(true);
    expect(isCutOff(['solo'])).toBe(true);
    expect(isCutOff(['figures_stale', 'store_in_memory'])).toBe(false);
  });
});
