/** Binance, public market data: candles. https://github.com/binance/binance-spot-api-docs */

import { type Candle, DAY_MS } from '../candles.ts';
import type { Market } from '../market.ts';
import { HOUR_MS, type Span } from '../past/past.ts';
import { MINUTE_MS } from '../past/tape.ts';
import type { Block } from '../upstream-states.ts';
import {
  type Answer,
  html,
  json,
  type RouteRequest,
  type SimulatedUpstream,
  secondsUntil,
} from './upstream.ts';

/** Binance's own bounds of `limit`. */
const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 1000;
/** The intervals that are simulated, ms. */
const INTERVALS: ReadonlyMap<string | null, number> = new Map([
  ['1m', MINUTE_MS],
  ['5m', 5 * MINUTE_MS],
  ['1h', HOUR_MS],
  ['1d', DAY_MS],
]);
/** The parameters that are numbers: whole ones, without a sign. */
const NUMBERS = ['limit', 'startTime', 'endTime'] as const;
const WHOLE = /^\d{1,20}$/;
/** What a request for candles counts against the limit per IP. */
const KLINES_WEIGHT = 2;
const HEADERS = {
  'content-type': 'application/json;charset=UTF-8',
  'cache-control': 'no-cache, no-store, must-revalidate',
  'x-mbx-used-weight-1m': String(KLINES_WEIGHT),
};
/** Takers buy about half of what is traded. */
const TAKER_SHARE = 0.49;
/** Trades for each coin that changes hands. */
const TRADES_PER_COIN = 130;

/** Every pair is quoted in this. */
const QUOTE = 'USDT';

export const binance = {
  id: 'binance',
  variable: 'BINANCE_BASE_URL',
  routes: [
    {
      path: '/api/v3/klines',
      cost: KLINES_WEIGHT,
      answer: klines,
    },
  ],
  refuse({ limit, resetMs }, _request, nowMs) {
    const msg = `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`;
    const headers = { ...HEADERS, 'x-mbx-used-weight-1m': String(limit + 1) };
    const until = resetMs === null ? {} : { 'retry-after': secondsUntil(resetMs, nowMs) };
    return json({ code: -1003, msg }, 429, { ...headers, ...until });
  },
  block: (block: Block): Answer =>
    block === 451
      ? json({ code: 0, msg: RESTRICTED }, block, { 'content-type': 'application/json' })
      : html(CLOUDFRONT_PAGE, block, 'CloudFront'),
} as const satisfies SimulatedUpstream;

const RESTRICTED =
  "Service unavailable from a restricted location according to 'b. Eligibility' in https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in error.";

const CLOUDFRONT_PAGE = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1">
<TITLE>ERROR: The request could not be satisfied</TITLE>
</HEAD><BODY>
<H1>403 ERROR</H1>
<H2>The request could not be satisfied.</H2>
The Amazon CloudFront distribution is configured to block access from your country.
</BODY></HTML>`;

const refused = (code: number, msg: string) => json({ code, msg }, 400, HEADERS);

function klines({ query }: RouteRequest, market: Market, nowMs: number): Answer {
  const missing = ['symbol', 'interval'].find((name) => !query.get(name));
  if (missing) {
    const msg = `Mandatory parameter '${missing}' was not sent, was empty/null, or malformed.`;
    return refused(-1102, msg);
  }
  const pair = query.get('symbol') ?? '';
  const symbol = pair.endsWith(QUOTE) ? pair.slice(0, -QUOTE.length) : '';
  const listedMs = market.listedMs(symbol);
  if (listedMs === null) return refused(-1121, 'Invalid symbol.');
  const intervalMs = INTERVALS.get(query.get('interval'));
  if (intervalMs === undefined) return refused(-1120, 'Invalid interval.');
  const illegal = NUMBERS.find((name) => !WHOLE.test(query.get(name) ?? '0'));
  const limit = wholeOf(query, 'limit') ?? DEFAULT_LIMIT;
  if (illegal !== undefined || limit === 0) {
    return refused(-1100, `Illegal characters found in parameter '${illegal ?? 'limit'}'.`);
  }
  const count = Math.min(limit, MAX_LIMIT);
  const span = spanOf(query, { count, intervalMs, listedMs, nowMs });
  const candles = market.exchangePast('binance', symbol, span) ?? [];
  return json(candles.map(rowOf(intervalMs)), 200, HEADERS);
}

function wholeOf(query: URLSearchParams, name: (typeof NUMBERS)[number]): number | null {
  const text = query.get(name);
  return text === null ? null : Number(text);
}

/** From the start that is given the oldest, else up to the end the newest; both times are those of candles that are meant. */
function spanOf(
  query: URLSearchParams,
  of: { count: number; intervalMs: number; listedMs: number; nowMs: number },
): Span {
  const { count, intervalMs, listedMs, nowMs } = of;
  const startMs = wholeOf(query, 'startTime');
  const endMs = Math.min(wholeOf(query, 'endTime') ?? nowMs, nowMs);
  const afterMs = (Math.floor(endMs / intervalMs) + 1) * intervalMs;
  if (startMs === null) return { intervalMs, fromMs: afterMs - count * intervalMs, toMs: afterMs };
  const fromMs = Math.ceil(Math.max(startMs, listedMs) / intervalMs) * intervalMs;
  return { intervalMs, fromMs, toMs: Math.min(afterMs, fromMs + count * intervalMs) };
}

/** Twelve items a row; amounts are strings with eight decimals. */
const rowOf =
  (intervalMs: number) =>
  ({ openTimeMs, open, high, low, close, volume }: Candle): (number | string)[] => {
    const amount = (value: number) => value.toFixed(8);
    const middle = (open + high + low + close) / 4;
    return [
      openTimeMs,
      amount(open),
      amount(high),
      amount(low),
      amount(close),
      amount(volume),
      openTimeMs + intervalMs - 1,
      amount(volume * middle),
      Math.round(volume * TRADES_PER_COIN),
      amount(volume * TAKER_SHARE),
      amount(volume * TAKER_SHARE * middle),
      '0',
    ];
  };
