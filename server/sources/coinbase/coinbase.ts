/** Coinbase Exchange: live prices, and candles, of now and of the past, for when those of Binance are not to be had. */

import type { Source } from '../source.ts';
import { candlesPoll } from './candles.ts';
import { pastCandles } from './past-candles.ts';
import { tickerStream } from './ticker.ts';

/** Ten requests a second are allowed, but this route is not meant for frequent polling. */
const MIN_CALL_INTERVAL_MS = 10_000;

/** Public market data without a key. https://docs.cdp.coinbase.com/exchange/docs/rate-limits */
export const coinbase = {
  id: 'coinbase',
  needsKey: false,
  limits: () => ({ minCallIntervalMs: MIN_CALL_INTERVAL_MS }),
  polls: [candlesPoll],
  stream: tickerStream,
  past: pastCandles,
} as const satisfies Source;
