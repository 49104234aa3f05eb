/** Kraken: candles. Errors come with status 200. https://docs.kraken.com/api/docs/rest-api/get-ohlc-data */

import type { Candle } from '../candles.ts';
import { COINS } from '../coins.ts';
import type { Market } from '../market.ts';
import { MINUTE_MS } from '../past/tape.ts';
import { type Answer, json, type RouteRequest, type SimulatedUpstream } from './upstream.ts';

/** Lengths of a candle that it knows, in minutes; beyond a day it knows more. */
const INTERVALS = ['1', '5', '15', '30', '60', '240', '1440'];
/** Kraken's own bound of an answer. */
const MAX_ROWS = 720;
/** Trades for each coin that changes hands. */
const TRADES_PER_COIN = 40;

/** Where Kraken's own symbols are not those of the trade. */
const OWN_SYMBOLS: Readonly<Record<string, string>> = { BTC: 'XBT', DOGE: 'XDG' };
/** The coins whose pairs have a name of the old kind, with a letter for what each side is. */
const OLD_NAMES = ['BTC', 'ETH', 'XRP', 'LTC', 'XLM'];

/** The exchange's own name of each pair, by every name that it is asked for. */
const PAIRS: ReadonlyMap<string, { readonly symbol: string; readonly name: string }> = new Map(
  [...COINS.keys()].flatMap((symbol) => {
    const own = OWN_SYMBOLS[symbol] ?? symbol;
    const name = OLD_NAMES.includes(symbol) ? `X${own}ZUSD` : `${own}USD`;
    return [`${own}USD`, name].map((asked) => [asked, { symbol, name }] as const);
  }),
);

export const kraken = {
  id: 'kraken',
  variable: 'KRAKEN_BASE_URL',
  routes: [
    {
      path: '/0/public/OHLC',
      answer: ohlc,
    },
  ],
  refuse: () => problem('EGeneral:Too many requests'),
} as const satisfies SimulatedUpstream;

const problem = (error: string) => json({ error: [error] });

function ohlc({ query }: RouteRequest, market: Market, nowMs: number): Answer {
  const pair = PAIRS.get(query.get('pair') ?? '');
  if (!pair) return problem('EQuery:Unknown asset pair');
  const interval = query.get('interval') ?? '';
  const since = query.get('since') ?? '0';
  if (!INTERVALS.includes(interval) || !/^\d{1,11}$/.test(since)) {
    return problem('EGeneral:Invalid arguments');
  }
  const intervalMs = Number(interval) * MINUTE_MS;
  const openMs = Math.floor(nowMs / intervalMs) * intervalMs;
  // `since` itself is not among the rows; the newest are the only ones, and the open one always is there.
  const sinceMs = Math.min(Number(since) * 1000 + 1, openMs);
  const fromMs = Math.max(openMs - (MAX_ROWS - 1) * intervalMs, sinceMs);
  const span = { intervalMs, fromMs, toMs: openMs + 1 };
  const candles = market.exchangePast('kraken', pair.symbol, span) ?? [];
  const rows = candles.map(rowOf(COINS.get(pair.symbol)?.decimals ?? 0));
  // The newest candle that is closed: what came after it is asked for next.
  const last = (openMs - intervalMs) / 1000;
  return json({ error: [], result: { [pair.name]: rows, last } });
}

/** The time in seconds and the number of trades are numbers, all else is text. */
const rowOf =
  (decimals: number) =>
  ({ openTimeMs, open, high, low, close, volume }: Candle): (number | string)[] => {
    const mean = volume > 0 ? (open + high + low + close) / 4 : 0;
    const prices = [open, high, low, close, mean].map((price) => price.toFixed(decimals));
    const trades = Math.round(volume * TRADES_PER_COIN);
    return [openTimeMs / 1000, ...prices, volume.toFixed(8), trades];
  };
