/** From what moves on the page to the notices about it. */

import { computed, effect } from '@preact/signals';
import { BASE_COIN, type Clock } from '../../contract/index.ts';
import type { Live } from '../live/index.ts';
import { createLinkWatch, createSourceWatch, isCutOff, type Supply } from './news.ts';
import type { NoticeBoard } from './notice-board.ts';

function supplyOf({ figures }: Live): Supply {
  const { coins, market, fng, rsi, rsiTaapi } = figures.origins.value;
  const all = [market, fng, rsi, rsiTaapi, ...Object.values(coins)];
  return {
    sources: Object.fromEntries(figures.sources.value.map(({ id, entry }) => [id, entry])),
    figures: { btc: coins[BASE_COIN] ?? null, market, fng, rsi },
    inUse: [...new Set(all.filter((id) => id !== null))],
  };
}

/** What the notices are made of. */
export interface WatchDeps {
  readonly live: Live;
  readonly clock: Clock;
  /** The page's own version: that of the server that rendered it. */
  readonly appVersion: string;
  /** Whether the device itself has no network. */
  readonly isDeviceOffline: () => boolean;
}

/** Posts notices until the result is called. */
export function watchNews(
  { live, clock, appVersion, isDeviceOffline }: WatchDeps,
  board: NoticeBoard,
): () => void {
  const readLink = createLinkWatch();
  const readSources = createSourceWatch();
  const isAlone = computed(() => isCutOff(live.degraded.value));
  const stops = [
    effect(() => {
      const link = live.link.value;
      const news = readLink(link, {
        monotonicMs: clock.monotonic(),
        lastUpdatedMs: live.lastUpdatedMs.peek(),
        isDeviceOffline: isDeviceOffline(),
      });
      if (news) board.post(news);
    }),
    effect(() => {
      for (const news of readSources(supplyOf(live))) board.post(news);
    }),
    effect(() => {
      if (isAlone.value) board.post({ kind: 'cluster' });
      else board.remove('cluster');
    }),
    effect(() => {
      const said = live.appVersion.value;
      if (said !== null && said !== appVersion) board.post({ kind: 'new_version' });
      else board.remove('new_version');
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
