/** Every exchange whose stream is simulated. One file each, one line here. */

import { binance } from './binance.ts';
import { coinbase } from './coinbase.ts';
import type { StreamingExchange } from './exchange.ts';
import { kraken } from './kraken.ts';

export const STREAMING_EXCHANGES: readonly StreamingExchange[] = [binance, coinbase, kraken];
