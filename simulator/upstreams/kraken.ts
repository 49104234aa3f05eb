/** Kraken: daily candles. Errors come with status 200. https://docs.kraken.com/api/docs/rest-api/get-ohlc-data */

import type { DayCandle } from '../candles.ts';
import { COINS } from '../coins.ts';
import { json, type SimulatedUpstream } from './upstream.ts';

/** The only interval that is simulated, in minutes: a day. */
const DAY_MIN = '1440';
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
      answer({ query }, market) {
        const pair = PAIRS.get(query.get('pair') ?? '');
        if (!pair) return problem('EQuery:Unknown asset pair');
        if (query.get('interval') !== DAY_MIN) return problem('EGeneral:Invalid arguments');
        const days = market.exchangeCandles('kraken', pair.symbol) ?? [];
        const decimals = COINS.get(pair.symbol)?.decimals ?? 0;
        const rows = days.slice(-MAX_ROWS).map(rowOf(decimals));
        // The newest candle that is closed: what came after it is asked for next.
        const last = rows.at(-2)?.[0] ?? 0;
        return json({ error: [], result: { [pair.name]: rows, last } });
      },
    },
  ],
  refuse: () => problem('EGeneral:Too many requests'),
} as const satisfies SimulatedUpstream;

const problem = (error: string) => json({ error: [error] });

/** The time in seconds and the number of trades are numbers, all else is text. */
const rowOf =
  (decimals: number) =>
  ({ openTimeMs, open, high, low, close, volume }: DayCandle): (number | string)[] => {
    const mean = volume > 0 ? (open + high + low + close) / 4 : 0;
    const prices = [open, high, low, close, mean].map((price) => price.toFixed(decimals));
    const trades = Math.round(volume * TRADES_PER_COIN);
    return [openTimeMs / 1000, ...prices, volume.toFixed(8), trades];
  };
