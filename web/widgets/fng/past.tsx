/** The index of the last thirty days: a value a day, and a hole where the provider has none. */

import { useRef } from 'preact/hooks';
import { HISTORY_RANGES } from '../../../contract/index.ts';
import { formatFng } from '../../format/index.ts';
import type { ShownHistory } from '../../live/index.ts';
import { Sparkline, type TimedValue } from '../../ui/index.ts';
import { useShownSeries } from '../shown-series.ts';
import type { WidgetProps } from '../widget.ts';

const DAYS = 30;
const DAY_S = 86_400;
/** Units of the drawing, which is stretched to its box. */
const WIDTH = 300;
const HEIGHT = 64;
const SCALE = [0, 100] as const;

const pointsOf = (shown: ShownHistory): readonly TimedValue[] =>
  shown.state === 'ready'
    ? shown.body.rows.map(([time, value]) => ({ time, value: value ?? null }))
    : [];

/** Keeps its room while there is nothing to draw. */
export function Past({ live, words: { t, language } }: WidgetProps) {
  const element = useRef<HTMLDivElement>(null);
  const points = pointsOf(useShownSeries(live, element, 'fng', '30d').value);
  const values = points.flatMap(({ value }) => value ?? []);
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  const to = points.at(-1)?.time ?? 0;
  const text = (value: number) => formatFng(value, language);
  return (
    <div class="fng-past" ref={element}>
      <p class="note">{t('fng.history', { days: DAYS })}</p>
      <Sparkline
        points={points}
        stepS={DAY_S}
        from={to - HISTORY_RANGES['30d'].durationS + DAY_S}
        to={to}
        width={WIDTH}
        height={HEIGHT}
        range={SCALE}
        label={t('fng.summary', {
          days: DAYS,
          first: text(first),
          last: text(last),
          high: text(Math.max(...values)),
          low: text(Math.min(...values)),
        })}
      />
    </div>
  );
}
