/** From what moves on the page to the notices about it. */

import { computed, effect } from '@preact/signals';
import { BASE_COIN, type Clock, type SourceId, type Timer } from '../../contract/index.ts';
import type { Live } from '../live/index.ts';
import { createLinkWatch, isCutOff } from './news.ts';
import type { NoticeBoard } from './notice-board.ts';
import { createSourceWatch, type Supply } from './source-news.ts';

/**
 * So long a change among the sources settles before it is told: a stand-in shows within five seconds, and of a figure
 * that found one it would be wrong to say that it stands still. What is over by then was no news.
 */
export const SETTLE_MS = 6000;

/** Looks without being told of changes. */
function supplyOf({ figures }: Live): Supply {
  const { coins, market, fng, rsi } = figures.origins.peek();
  const { [BASE_COIN]: btc = null, ...others } = coins;
  const shown = [
    ...[figures.market, figures.fng, figures.rsi, figures.rsiTaapi],
    ...figures.symbols.peek().map(figures.coin),
    ...(figures.etfSymbols.peek() ?? []).map(figures.etf),
  ].map((figure) => figure.peek());
  const inUse = new Map<SourceId, number | null>();
  for (const { source, asOfMs } of shown) {
    const newestMs = source === null ? null : (inUse.get(source) ?? asOfMs);
    if (source !== null) inUse.set(source, newestMs && asOfMs && Math.max(newestMs, asOfMs));
  }
  return {
    sources: Object.fromEntries(figures.sources.peek().map(({ id, entry }) => [id, entry])),
    figures: { btc, market, fng, rsi },
    coins: others,
    inUse,
  };
}

/** Tells of the sources; the result ends that. */
function watchSources({ live, clock }: WatchDeps, board: NoticeBoard): () => void {
  const read = createSourceWatch();
  let settling: Timer | null = null;
  const look = () => {
    settling = null;
    const supply = supplyOf(live);
    for (const { id, news } of board.posted.peek()) {
      // Its figures do not stand still any more: they are another's.
      if (news.kind === 'source_failed' && !supply.inUse.has(news.source)) board.remove(id);
    }
    for (const news of read(supply)) board.post(news);
  };
  look();
  let isFirst = true;
  const stop = effect(() => {
    void live.figures.origins.value;
    void live.figures.sources.value;
    if (!isFirst) settling ??= clock.after(SETTLE_MS, look);
    isFirst = false;
  });
  return () => {
    stop();
    settling?.cancel();
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
export function watchNews(deps: WatchDeps, board: NoticeBoard): () => void {
  const { live, clock, appVersion, isDeviceOffline } = deps;
  const readLink = createLinkWatch();
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
    watchSources(deps, board),
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
