/** Kraken: live prices, and candles, of now and of the past, for when those of Binance and Coinbase are not to be had. */

import type { Source } from '../source.ts';
import { candlesPoll } from './candles.ts';
import { pastCandles } from './past-candles.ts';
import { tickerStream } from './ticker.ts';

/** Public requests count by address; about one a second is safe. */
const MIN_CALL_INTERVAL_MS = 1000;

/** Public market data without a key. https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits */
export const kraken = {
  id: 'kraken',
  needsKey: false,
  limits: () => ({ minCallIntervalMs: MIN_CALL_INTERVAL_MS }),
  polls: [candlesPoll],
  stream: tickerStream,
  past: pastCandles,
} as const satisfies Source;
