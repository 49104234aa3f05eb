/** The daily RSI(14): how far the market has run in one direction. */

import { SOURCE_NAMES } from '../../../contract/index.ts';
import { formatRsi } from '../../format/index.ts';
import { RSI_BOUNDS, type RsiBand, rsiBand, rsiLabel } from '../../i18n/index.ts';
import type { Live } from '../../live/index.ts';
import { DASH, type GaugeProps, RSI_SEGMENTS } from '../../ui/index.ts';
import { RSI_SOURCES } from '../candidates.ts';
import type { Fact } from '../facts.tsx';
import { GaugeCard } from '../gauge-card.tsx';
import { whenText } from '../when.ts';
import type { Widget, WidgetProps, Words } from '../widget.ts';

function View({ live, words }: WidgetProps) {
  const { t } = words;
  const figure = live.figures.rsi.value;
  return (
    <GaugeCard
      live={live}
      words={words}
      id="rsi"
      title={t('card.rsi')}
      standing={figure}
      gauge={gaugeOf(words, figure.value)}
      facts={scale(words, figure.value)}
      below={compared(live, words)}
      candidates={RSI_SOURCES}
    />
  );
}

function gaugeOf({ t, language }: Words, value: number | null): Omit<GaugeProps, 'stale'> {
  if (value === null) {
    const description = `${t('card.rsi')}: ${t('state.unavailable')}`;
    return { value, segments: RSI_SEGMENTS, text: DASH, label: '', description };
  }
  const text = formatRsi(value, language);
  const band = rsiLabel(t, value);
  const description = t('aria.rsi', { value: text, band });
  return { value, segments: RSI_SEGMENTS, text, label: band, description };
}

/** What the arc's three stretches mean, the present one marked. */
function scale({ t }: Words, value: number | null): Fact[] {
  const [low, high] = RSI_BOUNDS;
  const bands: readonly { band: RsiBand; range: string }[] = [
    { band: 'overbought', range: `> ${high}` },
    { band: 'neutral', range: `${low}–${high}` },
    { band: 'oversold', range: `< ${low}` },
  ];
  return bands.map(({ band, range }) => ({
    label: t(`rsi.${band}`),
    value: range,
    isHere: value !== null && rsiBand(value) === band,
  }));
}

/** TAAPI's number has a freshness of its own: out of date, it says so itself. */
function compared(live: Live, words: Words): Fact[] {
  const { value, state, asOfMs } = live.figures.rsiTaapi.value;
  if (value === null) return [];
  const label = SOURCE_NAMES.taapi;
  const text = formatRsi(value, words.language);
  if (state !== 'stale' || asOfMs === null) return [{ label, value: text }];
  const age = words.t('state.stale', { age: whenText(live, words, asOfMs) });
  return [{ label: `${label} · ${age}`, value: <span class="stale">{text}</span> }];
}

/** The RSI on its arc, its scale, and TAAPI's own number when there is one. */
export const rsi = { id: 'rsi', View } as const satisfies Widget;
