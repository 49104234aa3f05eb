/** Binance: live prices of all coins, daily candles of BTC, from which the RSI is computed, and candles of the past. */

import type { Source } from '../source.ts';
import { klinesPoll } from './klines.ts';
import { pastKlines } from './past-klines.ts';
import { tickerStream } from './ticker.ts';

/**
 * An address has a weight of 6 000 a minute, which others may share, and `/klines` weighs 2: sixty calls are a fiftieth of
 * it, and more than rounds, midnights and reconnects together ever make.
 */
const CALLS_PER_MINUTE = 60;

/** Public market data without a key; the host for market data only is not blocked by country. */
export const binance = {
  id: 'binance',
  needsKey: false,
  limits: () => ({ perMinute: CALLS_PER_MINUTE }),
  polls: [klinesPoll],
  stream: tickerStream,
  past: pastKlines,
} as const satisfies Source;
