/** The market in one to four clauses, written from the figures. */

import {
  directionOf,
  formatAmount,
  formatChangeSize,
  formatFng,
  formatPrice,
  formatRsi,
} from '../../format/index.ts';
import { fngLabel, rsiLabel } from '../../i18n/index.ts';
import type { Live, Standing } from '../../live/index.ts';
import { momentText } from '../when.ts';
import type { Widget, WidgetProps, Words } from '../widget.ts';

function View({ live, words }: WidgetProps) {
  return (
    <p class="brief type-brief">
      {live.hasNoFigures.value ? words.t('link.no_data') : sentences(live, words).join(' ')}
    </p>
  );
}

function move({ t, language }: Words, change: number): string {
  const direction = directionOf(change);
  return direction === 'flat'
    ? t('move.flat')
    : t(`move.${direction}`, { pct: formatChangeSize(change, language) });
}

/** The time of the oldest figure that is out of date; `null` when none is. */
const oldestStaleMs = (figures: readonly Standing[]): number | null =>
  figures.reduce<number | null>(
    (oldest, { state, asOfMs }) =>
      state !== 'stale' || asOfMs === null ? oldest : Math.min(oldest ?? asOfMs, asOfMs),
    null,
  );

/** A clause whose figure is not known is not written; figures that are out of date are given the oldest's time. */
function sentences(live: Live, words: Words): string[] {
  const { t, language } = words;
  const btc = live.figures.btc.value;
  const market = live.figures.market.value;
  const fng = live.figures.fng.value;
  const rsi = live.figures.rsi.value;
  const { price_usd: price, change_24h: change } = btc.value;
  const { market_cap: cap, market_cap_change_24h: capChange } = market.value;
  const { value: mood, label } = fng.value;
  // Held as a whole, the page is of one moment; otherwise the oldest of what is out of date counts.
  const oldMs = live.isHeld.value
    ? live.lastUpdatedMs.value
    : oldestStaleMs([btc, market, fng, rsi]);
  const when = (at: number) => momentText(words, at, live.nowMs.peek() ?? live.renderedAtMs);
  return [
    price !== null && change !== null
      ? t('brief.price', { price: formatPrice(price, language), move: move(words, change) })
      : null,
    cap !== null && capChange !== null
      ? t('brief.cap', { cap: formatAmount(cap, language).text, move: move(words, capChange) })
      : null,
    mood !== null
      ? t('brief.mood', { label: fngLabel(t, mood, label), value: formatFng(mood, language) })
      : null,
    rsi.value !== null
      ? t('brief.rsi', { rsi: formatRsi(rsi.value, language), band: rsiLabel(t, rsi.value) })
      : null,
    oldMs !== null ? t('brief.as_of', { time: when(oldMs) }) : null,
  ].filter((sentence) => sentence !== null);
}

/** The line under the head of the page. */
export const brief = { id: 'brief', View } as const satisfies Widget;
