/** Binance, public market data: daily candles of BTC. https://github.com/binance/binance-spot-api-docs */

import { DAY_MS, type DayCandle } from '../candles.ts';
import { json, type SimulatedUpstream } from './upstream.ts';

/** Binance's own bounds of `limit`. */
const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 1000;
/** What this request counts against the limit per IP. */
const HEADERS = {
  'content-type': 'application/json;charset=UTF-8',
  'cache-control': 'no-cache, no-store, must-revalidate',
  'x-mbx-used-weight-1m': '2',
};
/** Takers buy about half of what is traded. */
const TAKER_SHARE = 0.49;
/** Trades for each coin that changes hands. */
const TRADES_PER_COIN = 130;

export const binance = {
  variable: 'BINANCE_BASE_URL',
  routes: [
    {
      path: '/api/v3/klines',
      answer({ query }, market) {
        const refused = (code: number, msg: string) => json({ code, msg }, 400, HEADERS);
        for (const name of ['symbol', 'interval']) {
          if (!query.get(name)) {
            const msg = `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`;
            return refused(-1102, msg);
          }
        }
        if (query.get('symbol') !== 'BTCUSDT') return refused(-1121, 'Invalid symbol.');
        if (query.get('interval') !== '1d') return refused(-1120, 'Invalid interval.');
        const limit = readLimit(query.get('limit'));
        if (limit === null) return refused(-1100, "Illegal characters found in parameter 'limit'.");
        return json(market.candles().slice(-limit).map(row), 200, HEADERS);
      },
    },
  ],
} as const satisfies SimulatedUpstream;

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
