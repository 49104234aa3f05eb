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

/**
 * A clause whose figure is not known is not written. Beside a living price a figure that is out of date is left out;
 * when the price itself is, or the page is held as a whole, all are told with their time.
 */
function sentences(live: Live, words: Words): string[] {
  const { t } = words;
  const { btc, market, fng, rsi } = live.figures;
  const figures = [btc.value, market.value, fng.value, rsi.value];
  const isTold = !live.isHeld.value && isLive(btc.value) ? isLive : isAny;
  const oldMs = live.isHeld.value
    ? live.lastUpdatedMs.value
    : oldestStaleMs(figures.filter(isTold));
  const when = (at: number) => momentText(words, at, live.nowMs.peek() ?? live.renderedAtMs);
  return [
    isTold(btc.value) ? priceSentence(btc.value.value, words) : null,
    isTold(market.value) ? capSentence(market.value.value, words) : null,
    isTold(fng.value) ? moodSentence(fng.value.value, words) : null,
    isTold(rsi.value) ? rsiSentence(rsi.value.value, words) : null,
    oldMs !== null ? t('brief.as_of', { time: when(oldMs) }) : null,
  ].filter((sentence) => sentence !== null);
}

const isLive = ({ state }: Standing): boolean => state === 'live';
const isAny = (): boolean => true;

type Figure<K extends 'btc' | 'market' | 'fng' | 'rsi'> = Live['figures'][K]['value']['value'];

function priceSentence({ price_usd, change_24h }: Figure<'btc'>, words: Words): string | null {
  if (price_usd === null) return null;
  const price = formatPrice(price_usd, words.language);
  return change_24h === null
    ? words.t('brief.price_alone', { price })
    : words.t('brief.price', { price, move: move(words, change_24h) });
}

function capSentence(market: Figure<'market'>, words: Words): string | null {
  if (market.market_cap === null) return null;
  const cap = formatAmount(market.market_cap, words.language).text;
  const change = market.market_cap_change_24h;
  return change === null
    ? words.t('brief.cap_alone', { cap })
    : words.t('brief.cap', { cap, move: move(words, change) });
}

const moodSentence = ({ value, label }: Figure<'fng'>, { t, language }: Words): string | null =>
  value === null
    ? null
    : t('brief.mood', { label: fngLabel(t, value, label), value: formatFng(value, language) });

const rsiSentence = (rsi: Figure<'rsi'>, { t, language }: Words): string | null =>
  rsi === null ? null : t('brief.rsi', { rsi: formatRsi(rsi, language), band: rsiLabel(t, rsi) });

/** The line under the head of the page. */
export const brief = { id: 'brief', View } as const satisfies Widget;
