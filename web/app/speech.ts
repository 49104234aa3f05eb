/** Sentences that the frame of the page makes of what it knows. */

import { SOURCE_NAMES } from '../../contract/index.ts';
import { formatChange, formatDuration, formatPrice } from '../format/index.ts';
import type { Key } from '../i18n/index.ts';
import type { CoinFigure, Live, ShownLink } from '../live/index.ts';
import { DASH } from '../ui/index.ts';
import { momentText } from '../widgets/when.ts';
import type { Words } from '../widgets/widget.ts';
import type { NamedFigure, News } from './news.ts';

const FIGURE_KEYS = {
  btc: 'card.btc',
  market: 'card.market_cap',
  fng: 'card.fng',
  rsi: 'card.rsi',
  coins: 'card.coins',
} as const satisfies Record<Exclude<NamedFigure, `coin:${string}`>, Key>;

const COIN = 'coin:';

const figureName = ({ t }: Words, figure: NamedFigure): string =>
  isCoin(figure) ? figure.slice(COIN.length) : t(FIGURE_KEYS[figure]);

const isCoin = (figure: NamedFigure): figure is `coin:${string}` => figure.startsWith(COIN);

const timeText = (words: Words, atMs: number | null, nowMs: number) =>
  atMs === null ? DASH : momentText(words, atMs, nowMs);

/**
 * The connection in words.
 * @param at `lastUpdatedMs` is asked only in a state that names it
 */
export function linkText(
  words: Words,
  link: ShownLink,
  at: { readonly lastUpdatedMs: () => number | null; readonly nowMs: number },
): string {
  const { t } = words;
  const time = () => timeText(words, at.lastUpdatedMs(), at.nowMs);
  switch (link.state) {
    case 'reconnecting':
      return t('link.reconnecting', { n: link.attempt, max: link.max });
    case 'polling':
      return t('link.polling', { n: link.intervalS });
    case 'offline':
      return t('link.offline', { time: time() });
    case 'paused':
      return t('link.paused', { time: time() });
    default:
      return t(`link.${link.state}`);
  }
}

/** A notice in words. */
export function newsText(words: Words, news: News, nowMs: number): string {
  const { t } = words;
  switch (news.kind) {
    case 'polling':
      return t('notice.polling', { n: news.intervalS });
    case 'offline':
      return t('notice.offline', { time: timeText(words, news.atMs, nowMs) });
    case 'restored':
      return t('notice.restored', { duration: formatDuration(t, news.afterMs) });
    case 'source_failed': {
      const time = timeText(words, news.atMs, nowMs);
      return t('notice.source_failed', { source: SOURCE_NAMES[news.source], time });
    }
    case 'source_back':
      return t('notice.source_back', { source: SOURCE_NAMES[news.source] });
    case 'source_switched': {
      const figure = news.figures.map((one) => figureName(words, one)).join(', ');
      return t('notice.source_switched', { figure, source: SOURCE_NAMES[news.source] });
    }
    case 'throttled':
      return t('notice.throttled', { n: Math.max(1, Math.ceil(news.retryAfterS)) });
    default:
      return t(`notice.${news.kind}`);
  }
}

/** The page's title: price and, when it is known, change; with the time in front when they are out of date. */
export function titleText(words: Words, btc: CoinFigure, nowMs: number): string {
  const { t, language } = words;
  const { price_usd, change_24h } = btc.value;
  if (price_usd === null) return t('page.title_empty');
  const price = formatPrice(price_usd, language);
  const figures =
    change_24h === null ? price : `${price} · ${formatChange(change_24h, language).whole}`;
  const title = t('page.title', { figures });
  return btc.state === 'stale' && btc.asOfMs !== null
    ? `(${momentText(words, btc.asOfMs, nowMs)}) ${title}`
    : title;
}

/** The time that absolute times are judged by: the last tick, or the rendering. */
export const shownNow = (live: Live): number => live.nowMs.peek() ?? live.renderedAtMs;
