/** The drawing's box: always of its full size, with the chart in it or a word in the place of one. */

import { effect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useNearView } from '../near-view.ts';
import type { WidgetProps } from '../widget.ts';
import type { Writing } from './drawing.ts';
import { type ChartModel, rowsIn, spanOf } from './model.ts';
import { type ChartScript, createScript } from './script.ts';
import { summaryOf, writingOf } from './writing.ts';

/** See {@link Picture}. */
export interface PictureProps extends WidgetProps {
  readonly model: ChartModel;
}

/** Loads script and series when it comes near, and draws them as long as it is. */
export function Picture({ live, words, model }: PictureProps) {
  const { t } = words;
  const canvas = useRef<HTMLDivElement>(null);
  const isNear = useNearView(canvas);
  const script = useMemo(() => createScript(() => canvas.current), []);
  useEffect(() => () => script.close(), [script]);
  useEffect(
    () =>
      effect(() => {
        if (!isNear.value) return undefined;
        void script.load();
        return model.show();
      }),
    [isNear, script, model],
  );
  useEffect(() => keepDrawn(script, { live, words, model }), [script, live, words, model]);
  const held = script.hasFailed.value ? 'failed' : model.state.value;
  const state = held === 'ready' && script.chart.value === null ? 'loading' : held;
  const body = model.reading.value.price;
  const summary = state === 'ready' && body ? summaryOf(words, body) : null;
  return (
    <div class="chart-box">
      <div class="chart-canvas" ref={canvas} role="img" aria-label={summary ?? t('chart.title')} />
      {state === 'ready' ? (
        <p class="chart-strip note">{t('card.rsi')}</p>
      ) : (
        <div class="chart-state">
          <p>{t(`chart.${state}`)}</p>
          {state === 'failed' ? <Retry words={words} script={script} model={model} /> : null}
        </div>
      )}
    </div>
  );
}

interface RetryProps extends Pick<PictureProps, 'words' | 'model'> {
  readonly script: ChartScript;
}

function Retry({ words, script, model }: RetryProps) {
  const again = () => {
    void script.load();
    model.retry();
  };
  return (
    <button type="button" class="button" onClick={again}>
      {words.t('ui.retry')}
    </button>
  );
}

/** Draws anew whenever the series or the choice change, in the words it is given; the result ends that. */
function keepDrawn({ chart }: ChartScript, { live, words, model }: PictureProps): () => void {
  const write = writingsOf(words, live.now());
  return effect(() => {
    const price = model.price.value;
    if (chart.value === null || price.state !== 'ready') return;
    const span = spanOf(model.range.value, live.now());
    chart.value.draw({
      kind: model.kind.value,
      span,
      price: rowsIn(price, span),
      rsi: rowsIn(model.rsi.value, span),
      writing: write(span.intervalS),
    });
  });
}

/** The same for an interval each time: what is written alike need not be set anew. */
function writingsOf(words: WidgetProps['words'], nowMs: number) {
  const made = new Map<number, Writing>();
  return (intervalS: number) => {
    const held = made.get(intervalS) ?? writingOf(words, intervalS, nowMs);
    made.set(intervalS, held);
    return held;
  };
}
