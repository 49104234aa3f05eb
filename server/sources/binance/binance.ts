/** Binance: daily candles of BTC, from which the RSI is computed. */

import type { Source } from '../source.ts';
import { klinesPoll } from './klines.ts';

/** Public market data without a key; the host for market data only is not blocked by country. */
export const binance = {
  id: 'binance',
  needsKey: false,
  limits: () => ({}),
  polls: [klinesPoll],
  stream: null,
} as const satisfies Source;
