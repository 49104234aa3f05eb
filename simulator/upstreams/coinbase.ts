/** Coinbase Exchange: daily candles. https://docs.cdp.coinbase.com/exchange/reference/exchangerestapi_getproductcandles */

import type { DayCandle } from '../candles.ts';
import { COINS } from '../coins.ts';
import type { Market } from '../market.ts';
import {
  type Answer,
  json,
  type Route,
  type RouteRequest,
  type SimulatedUpstream,
} from './upstream.ts';

/** The only granularity that is simulated, in seconds: a day. */
const DAY_S = '86400';
/** Coinbase's own bound of an answer. */
const MAX_ROWS = 300;

export const coinbase = {
  id: 'coinbase',
  variable: 'COINBASE_BASE_URL',
  routes: [...COINS.keys()].map(
    (symbol): Route => ({
      path: `/products/${symbol}-USD/candles`,
      answer: (request, market) => candles(symbol, request, market),
    }),
  ),
  // Without a word of how long.
  refuse: () => problem('Public rate limit exceeded', 429),
} satisfies SimulatedUpstream;

const problem = (message: string, status = 400): Answer => json({ message }, status);

function candles(symbol: string, { query, headers }: RouteRequest, market: Market): Answer {
  if (!headers.get('user-agent')) return problem('User-Agent header is required.');
  if (query.get('granularity') !== DAY_S) return problem('Unsupported granularity');
  const days = market.exchangeCandles('coinbase', symbol) ?? [];
  // Days without a trade are left out.
  const traded = days.filter(({ volume }) => volume > 0);
  return json(traded.slice(-MAX_ROWS).toReversed().map(row));
}

/** Numbers, the time in seconds, low before high before open. */
const row = ({ openTimeMs, open, high, low, close, volume }: DayCandle) => [
  openTimeMs / 1000,
  low,
  high,
  open,
  close,
  volume,
];
