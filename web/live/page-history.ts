/** The series in step with the page: which figures they go on with, and when they are asked for again. */

import { computed, effect, type ReadonlySignal } from '@preact/signals';
import type { Link } from '../../client/index.ts';
import { BTC_SERIES, type Clock, type HistorySeries } from '../../contract/index.ts';
import type { Figures } from './figures.ts';
import type { LivePoint } from './follow.ts';
import { createHistory, type HistoryDeps, type HistoryInput } from './history.ts';
import type { Standing } from './standing.ts';
import type { Visibility } from './ticker.ts';

/** What a page can do without: the browser's own. */
export interface HistoryMeans {
  readonly fetch?: HistoryDeps['fetch'];
  /** 0 … 1. */
  readonly random?: () => number;
}

/** The parts of the page that the series depend on. */
export interface PageParts {
  readonly figures: Pick<Figures, 'btc' | 'rsi'>;
  readonly link: ReadonlySignal<Link>;
  readonly isPaused: ReadonlySignal<boolean>;
  /** The server's time, ms since 1970. */
  readonly now: () => number;
}

const PRICE_SERIES: readonly HistorySeries[] = ['btc_candles', 'btc_price', BTC_SERIES];

/** A figure that is not live moves no line. */
const pointOf = (value: number | null, { state, source, asOfMs }: Standing): LivePoint | null =>
  state === 'live' && value !== null && source !== null && asOfMs !== null
    ? { value, source, asOfMs }
    : null;

/** `watch` begins when the page has come alive; its result ends that. */
export function createPageHistory(
  deps: { readonly clock: Clock; readonly visibility: Visibility } & HistoryMeans,
  { figures, link, isPaused, now }: PageParts,
): { readonly history: HistoryInput; watch(): () => void } {
  const history = createHistory({
    clock: deps.clock,
    visibility: deps.visibility,
    fetch: deps.fetch ?? ((path, init) => fetch(path, init)),
    random: deps.random ?? Math.random,
    now,
    isPaused: () => isPaused.peek(),
    pointOf(series) {
      const btc = figures.btc.peek();
      const rsi = figures.rsi.peek();
      if (PRICE_SERIES.includes(series)) return pointOf(btc.value.price_usd, btc);
      return series === 'rsi_14' ? pointOf(rsi.value, rsi) : null;
    },
  });
  const isGoingOn = computed(
    () => !isPaused.value && ['live', 'polling'].includes(link.value.state),
  );
  return {
    history,
    watch() {
      const stops = [
        effect(() => {
          if (isGoingOn.value) history.lookAgain();
        }),
        effect(() => {
          void figures.btc.value;
          void figures.rsi.value;
          history.moved();
        }),
      ];
      return () => {
        for (const stop of stops) stop();
        history.close();
      };
    },
  };
}
