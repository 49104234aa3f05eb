/** Binance, public market data: daily candles. https://github.com/binance/binance-spot-api-docs */

import { DAY_MS, type DayCandle } from '../candles.ts';
import type { Market } from '../market.ts';
import type { Block } from '../upstream-states.ts';
import { type Answer, html, json, type SimulatedUpstream, secondsUntil } from './upstream.ts';

/** Binance's own bounds of `limit`. */
const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 1000;
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
      answer({ query }, market) {
        const refused = (code: number, msg: string) => json({ code, msg }, 400, HEADERS);
        for (const name of ['symbol', 'interval']) {
          if (!query.get(name)) {
            const msg = `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`;
            return refused(-1102, msg);
          }
        }
        const days = daysOf(query.get('symbol') ?? '', market);
        if (!days) return refused(-1121, 'Invalid symbol.');
        if (query.get('interval') !== '1d') return refused(-1120, 'Invalid interval.');
        const limit = readLimit(query.get('limit'));
        if (limit === null) return refused(-1100, "Illegal characters found in parameter 'limit'.");
        return json(days.slice(-limit).map(row), 200, HEADERS);
      },
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

function daysOf(pair: string, market: Market): readonly DayCandle[] | null {
  if (!pair.endsWith(QUOTE)) return null;
  return market.exchangeCandles('binance', pair.slice(0, -QUOTE.length));
}

function readLimit(text: string | null): number | null {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return limit === 0 ? null : Math.min(limit, MAX_LIMIT);
}

/** Twelve items a row; amounts are strings with eight decimals. */
function row({ openTimeMs, open, high, low, close, volume }: DayCandle): (number | string)[] {
  const amount = (value: number) => value.toFixed(8);
  const middle = (open + high + low + close) / 4;
  return [
    openTimeMs,
    amount(open),
    amount(high),
    amount(low),
    amount(close),
    amount(volume),
    openTimeMs + DAY_MS - 1,
    amount(volume * middle),
    Math.round(volume * TRADES_PER_COIN),
    amount(volume * TAKER_SHARE),
    amount(volume * TAKER_SHARE * middle),
    '0',
  ];
}
