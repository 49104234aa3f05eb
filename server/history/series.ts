/** Which series are kept, and by which rules. */

import type { NumberKind } from '../../contract/index.ts';
import type { Keeps } from '../store/history-rows.ts';
import { DAY_S, MINUTE_S } from './tiers.ts';

/** How a series is kept. */
export interface SeriesRule {
  /** What its numbers have to satisfy. */
  readonly kind: NumberKind;
  /** Prices keep an interval's last value, as its close; what is measured now and then keeps the first that was read. */
  readonly keeps: Keeps;
  /** The finest tier it is kept in, seconds. */
  readonly finestS: number;
}

/** A coin's price. */
const PRICE: SeriesRule = { kind: 'price', keeps: 'last', finestS: MINUTE_S };

/** Series that are kept besides the coins' prices. */
export const FIGURE_SERIES = {
  market_cap: { kind: 'amount', keeps: 'first', finestS: MINUTE_S },
  volume_24h: { kind: 'amount', keeps: 'first', finestS: MINUTE_S },
  btc_dominance: { kind: 'dominance', keeps: 'first', finestS: MINUTE_S },
  // One value a day.
  fng: { kind: 'fng', keeps: 'first', finestS: DAY_S },
} as const satisfies Record<string, SeriesRule>;

/** A key of {@link FIGURE_SERIES}. */
export type FigureSeries = keyof typeof FIGURE_SERIES;

const isFigureSeries = (series: string): series is FigureSeries =>
  Object.hasOwn(FIGURE_SERIES, series);

/** Symbols as `COINS` takes them. */
const COIN_SERIES = /^coin:[A-Z0-9]{1,12}$/;

/** The rule of a series that is kept; `null` for one that is not (`rsi_14` is computed, not kept). */
export function ruleOf(series: string): SeriesRule | null {
  if (isFigureSeries(series)) return FIGURE_SERIES[series];
  return COIN_SERIES.test(series) ? PRICE : null;
}
