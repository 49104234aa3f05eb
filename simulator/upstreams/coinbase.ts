/** Coinbase Exchange: candles. https://docs.cdp.coinbase.com/exchange/reference/exchangerestapi_getproductcandles */

import type { Candle } from '../candles.ts';
import { COINS } from '../coins.ts';
import type { Market } from '../market.ts';
import {
  type Answer,
  json,
  type Route,
  type RouteRequest,
  type SimulatedUpstream,
} from './upstream.ts';

/** Lengths of a candle that it knows, in seconds. */
const GRANULARITIES = ['60', '300', '900', '3600', '21600', '86400'];
/** Coinbase's own bound of an answer. */
const MAX_ROWS = 300;

export const coinbase = {
  id: 'coinbase',
  variable: 'COINBASE_BASE_URL',
  routes: [...COINS.keys()].map(
    (symbol): Route => ({
      path: `/products/${symbol}-USD/candles`,
      answer: (request, market, nowMs) => candles(symbol, request, market, nowMs),
    }),
  ),
  // Without a word of how long.
  refuse: () => problem('Public rate limit exceeded', 429),
} satisfies SimulatedUpstream;

const problem = (message: string, status = 400): Answer => json({ message }, status);

function candles(symbol: string, request: RouteRequest, market: Market, nowMs: number): Answer {
  const { query, headers } = request;
  if (!headers.get('user-agent')) return problem('User-Agent header is required.');
  const granularity = query.get('granularity') ?? '';
  if (!GRANULARITIES.includes(granularity)) return problem('Unsupported granularity');
  const intervalMs = Number(granularity) * 1000;
  const [startMs, endMs] = timesOf(query, { intervalMs, nowMs });
  if (Number.isNaN(startMs) || Number.isNaN(endMs)) return problem('Invalid start or end');
  if (endMs - startMs > MAX_ROWS * intervalMs) return problem(TOO_MANY);
  const span = { intervalMs, fromMs: startMs, toMs: endMs + 1 };
  const past = market.exchangePast('coinbase', symbol, span) ?? [];
  // Intervals without a trade are left out.
  const traded = past.filter(({ volume }) => volume > 0);
  return json(traded.slice(-MAX_ROWS).toReversed().map(row));
}

const TOO_MANY = `granularity too small for the requested time range. Count of aggregations requested exceeds ${MAX_ROWS}`;

/**
 * When the first and the last candle asked for open at the earliest and the latest, ms since 1970; `NaN` for what is no
 * time. A start or an end alone is ignored.
 */
function timesOf(
  query: URLSearchParams,
  { intervalMs, nowMs }: { intervalMs: number; nowMs: number },
): readonly [startMs: number, endMs: number] {
  const [start, end] = [query.get('start'), query.get('end')];
  if (!start || !end) {
    const openMs = Math.floor(nowMs / intervalMs) * intervalMs;
    return [openMs - (MAX_ROWS - 1) * intervalMs, openMs];
  }
  return [parseTime(start), parseTime(end)];
}

/** ISO 8601, or seconds since 1970. */
const parseTime = (text: string): number =>
  /^\d{1,11}$/.test(text) ? Number(text) * 1000 : Date.parse(text);

/** Numbers, the time in seconds, low before high before open. */
const row = ({ openTimeMs, open, high, low, close, volume }: Candle) => [
  openTimeMs / 1000,
  low,
  high,
  open,
  close,
  volume,
];
