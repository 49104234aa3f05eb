/** The price chart: what Bitcoin did in a day, a week, a month, a year, with the daily RSI under it. */

import './chart.css';
import { useMemo } from 'preact/hooks';
import {
  HISTORY_RANGES,
  isHistoryRange,
  MISSED_ROUNDS,
  SOURCE_NAMES,
} from '../../../contract/index.ts';
import { Card, FigureNote, Toggles } from '../../ui/index.ts';
import { whenText } from '../when.ts';
import type { Widget, WidgetProps } from '../widget.ts';
import { type ChartModel, createChartModel } from './model.ts';
import { Picture } from './picture.tsx';
import { Points } from './points.tsx';

const RANGES = Object.keys(HISTORY_RANGES).filter(isHistoryRange);
const KINDS = ['line', 'candles'] as const;
/** The series are asked for every five minutes; after three times without one they are out of date. */
const STALE_AFTER_MS = MISSED_ROUNDS * 300_000;

function View({ live, words }: WidgetProps) {
  const model = useMemo(() => createChartModel(live), [live]);
  return (
    <Card
      id="chart"
      class="chart"
      title={words.t('chart.title')}
      aside={<Choices words={words} model={model} />}
      note={<SeriesNote live={live} words={words} model={model} />}
    >
      <Picture live={live} words={words} model={model} />
      <Points words={words} model={model} />
    </Card>
  );
}

interface ChoicesProps extends Pick<WidgetProps, 'words'> {
  readonly model: ChartModel;
}

function Choices({ words: { t }, model: { range, kind } }: ChoicesProps) {
  return (
    <div class="chart-choices">
      <Toggles
        label={t('chart.range')}
        value={range.value}
        options={RANGES.map((value) => ({ value, label: t(`chart.${value}`) }))}
        onChoose={(value) => {
          range.value = value;
        }}
      />
      <Toggles
        label={t('chart.kind')}
        value={kind.value}
        options={KINDS.map((value) => ({ value, label: t(`chart.${value}`) }))}
        onChoose={(value) => {
          kind.value = value;
        }}
      />
    </div>
  );
}

/** Whose the points are, and how old the newest is. */
function SeriesNote({ live, words, model }: WidgetProps & ChoicesProps) {
  const shown = model.price.value;
  if (shown.state !== 'ready' || shown.body.as_of === null) return null;
  const { as_of, sources } = shown.body;
  const asOfMs = Date.parse(as_of);
  const nowMs = live.nowMs.value ?? live.renderedAtMs;
  const isStale = live.isHeld.value || nowMs - asOfMs > STALE_AFTER_MS;
  return (
    <FigureNote
      t={words.t}
      state={isStale ? 'stale' : 'live'}
      source={sources.map((id) => SOURCE_NAMES[id]).join(', ')}
      when={whenText(live, words, asOfMs)}
      datetime={as_of}
    />
  );
}

/** Price and daily RSI on one axis of time. */
export const chart = { id: 'chart', View } as const satisfies Widget;
