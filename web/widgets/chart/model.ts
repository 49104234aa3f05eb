/** What the chart shows: the choice, its series, and a reading of them for words, which change once a minute. */

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import {
  HISTORY_RANGES,
  type HistoryBody,
  type HistoryRange,
  type HistorySeries,
} from '../../../contract/index.ts';
import type { Live, ShownHistory } from '../../live/index.ts';
import type { Row, Span } from './items.ts';

/** How the price is drawn. */
export type Kind = 'line' | 'candles';

/** The series of each kind; the RSI stands under both. */
const SERIES = {
  line: 'btc_price',
  candles: 'btc_candles',
} as const satisfies Record<Kind, HistorySeries>;
const STRIP: HistorySeries = 'rsi_14';

const MINUTE_MS = 60_000;

/** The series at one moment; `null` while there is none. */
export interface Reading {
  readonly price: HistoryBody | null;
  readonly rsi: HistoryBody | null;
}

/** See {@link createChartModel}. */
export interface ChartModel {
  readonly kind: Signal<Kind>;
  readonly range: Signal<HistoryRange>;
  readonly series: ReadonlySignal<HistorySeries>;
  readonly price: ReadonlySignal<ShownHistory>;
  readonly rsi: ReadonlySignal<ShownHistory>;
  readonly state: ReadonlySignal<ShownHistory['state']>;
  /** New with the choice and the state, when asked, else once a minute: words need not follow every price. */
  readonly reading: ReadonlySignal<Reading>;
  /** Has the reading taken anew, for somebody who asks to see it. */
  read(): void;
  /** Both are shown until the result is called. Reads the choice: an effect that shows them is run again after it. */
  show(): () => void;
  retry(): void;
}

const bodyOf = (shown: ShownHistory): HistoryBody | null =>
  shown.state === 'ready' ? shown.body : null;

/** Begins with the price of the last day, as a line. */
export function createChartModel({ history, nowMs }: Live): ChartModel {
  const kind = signal<Kind>('line');
  const range = signal<HistoryRange>('24h');
  const series = computed(() => SERIES[kind.value]);
  const price = computed(() => history.of(series.value, range.value).value);
  const rsi = computed(() => history.of(STRIP, range.value).value);
  const state = computed(() => price.value.state);
  const stripState = computed(() => rsi.value.state);
  const asked = signal(0);
  const minute = computed(() => Math.floor((nowMs.value ?? 0) / MINUTE_MS));
  return {
    kind,
    range,
    series,
    price,
    rsi,
    state,
    reading: computed(() => {
      // What it hangs on is read; the series themselves are only looked at.
      void [series.value, range.value, state.value, stripState.value, minute.value, asked.value];
      return { price: bodyOf(price.peek()), rsi: bodyOf(rsi.peek()) };
    }),
    read() {
      asked.value += 1;
    },
    show() {
      const stops = [history.show(series.value, range.value), history.show(STRIP, range.value)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    retry() {
      history.retry(series.peek(), range.peek());
      history.retry(STRIP, range.peek());
    },
  };
}

/**
 * The intervals that a range has up to a moment.
 * @param nowMs since 1970
 */
export function spanOf(range: HistoryRange, nowMs: number): Span {
  const { durationS, intervalS } = HISTORY_RANGES[range];
  const toS = Math.floor(nowMs / 1000 / intervalS) * intervalS;
  return { fromS: toS - durationS + intervalS, toS, intervalS };
}

/** The rows that lie in a span; rows newer than it (the server's clock is a little ahead) are kept. */
export const rowsIn = (shown: ShownHistory, { fromS }: Span): readonly Row[] =>
  bodyOf(shown)?.rows.filter(([time]) => time >= fromS) ?? [];
