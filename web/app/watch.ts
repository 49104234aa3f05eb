/** From what moves on the page to the notices about it. */

import { computed, effect } from '@preact/signals';
import type { Clock, SourceId } from '../../contract/index.ts';
import type { Live } from '../live/index.ts';
import { createLinkWatch, createSourceWatch, isCutOff, type Supply } from './news.ts';
import type { NoticeBoard } from './notice-board.ts';

function supplyOf({ figures }: Live): Supply {
  const { btc, market, fng, rsi } = figures;
  const named = {
    btc: btc.value.source,
    market: market.value.source,
    fng: fng.value.source,
    rsi: rsi.value.source,
  };
  const coins = figures.coins.value.map((coin) => coin.source);
  const all = [...Object.values(named), ...coins].filter((id): id is SourceId => id !== null);
  return {
    sources: Object.fromEntries(figures.sources.value.map(({ id, entry }) => [id, entry])),
    figures: named,
    inUse: [...new Set(all)],
  };
}

/** Posts notices until the result is called. */
export function watchNews(live: Live, board: NoticeBoard, clock: Clock): () => void {
  const readLink = createLinkWatch();
  const readSources = createSourceWatch();
  let version: string | null = null;
  const isAlone = computed(() => isCutOff(live.degraded.value));
  const stops = [
    effect(() => {
      const link = live.link.value;
      const at = { monotonicMs: clock.monotonic(), lastUpdatedMs: live.lastUpdatedMs.peek() };
      const news = readLink(link, at);
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
      if (version !== null && said !== null && said !== version)
        board.post({ kind: 'new_version' });
      version ??= said;
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
