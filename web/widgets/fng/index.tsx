/** The Fear & Greed index, today and before. */

import './fng.css';
import { formatFng, NBSP } from '../../format/index.ts';
import { fngLabel } from '../../i18n/index.ts';
import type { FngFigures, Live } from '../../live/index.ts';
import { DASH, FNG_SEGMENTS, type GaugeProps } from '../../ui/index.ts';
import { FNG_SOURCES } from '../candidates.ts';
import type { Fact } from '../facts.tsx';
import { GaugeCard } from '../gauge-card.tsx';
import { inText } from '../when.ts';
import type { Widget, WidgetProps, Words } from '../widget.ts';
import { Past } from './past.tsx';

function View({ live, words }: WidgetProps) {
  const { t } = words;
  const figure = live.figures.fng.value;
  const { nextUpdateAtMs } = figure.value;
  return (
    <GaugeCard
      live={live}
      words={words}
      id="fng"
      title={t('card.fng')}
      aside={<NextUpdate live={live} words={words} at={nextUpdateAtMs} />}
      standing={figure}
      gauge={gaugeOf(words, figure.value)}
      facts={history(words, figure.value)}
      candidates={FNG_SOURCES}
    >
      <Past live={live} words={words} />
    </GaugeCard>
  );
}

function gaugeOf({ t, language }: Words, { value, label }: FngFigures): Omit<GaugeProps, 'stale'> {
  if (value === null) {
    const description = `${t('card.fng')}: ${t('state.unavailable')}`;
    return { value, segments: FNG_SEGMENTS, text: DASH, label: '', description };
  }
  const text = formatFng(value, language);
  const name = fngLabel(t, value, label);
  const description = t('aria.fng', { value: text, label: name });
  return { value, segments: FNG_SEGMENTS, text, label: name, description };
}

function history({ t, language }: Words, figures: FngFigures): Fact[] {
  const days = [
    { label: t('fng.yesterday'), was: figures.yesterday },
    { label: t('fng.week'), was: figures.last_week },
    { label: t('fng.month'), was: figures.last_month },
  ];
  return days.map(({ label, was }) =>
    was === null
      ? { label, value: DASH }
      : {
          label,
          value: formatFng(was.value, language),
          detail: fngLabel(t, was.value, was.label),
        },
  );
}

/** When the provider will speak again; that it is late, once it is. The line keeps its room while nothing is announced. */
function NextUpdate({ live, words, at }: WidgetProps & { readonly at: number | null }) {
  return <p class="note">{at === null ? NBSP : nextText(live, words, at)}</p>;
}

const nextText = (live: Live, words: Words, at: number): string =>
  (live.nowMs.value ?? live.renderedAtMs) >= at
    ? words.t('fng.due')
    : words.t('fng.next', { in: inText(live, words, at) });

/** The index on its arc, its history and its next value. */
export const fng = { id: 'fng', View } as const satisfies Widget;
