/** Coinbase's daily candles of BTC-USD: newest first, and a day without a trade is left out. */

import { type InferOutput, looseTuple } from 'valibot';
import { MAX_CANDLES, openTimeS, volume } from '../candles.ts';
import { candlesOf, DAY_MS, MIN_CANDLES, onceDayTurns } from '../daily-candles.ts';
import { figure } from '../figure.ts';
import { rows } from '../rows.ts';
import { type Candle, definePoll } from '../source.ts';

const ROUTE = '/products/BTC-USD/candles';

/** A day, in seconds. */
const GRANULARITY_S = 86_400;

/** Six times 300 candles, the most that are sent, of 70 bytes. */
export const MAX_BODY_BYTES = 128 * 1024;

/** Open time in seconds, then — in this order — low, high, open, close, and base volume. */
export const row = (intervalMs: number) =>
  looseTuple([
    openTimeS(intervalMs),
    figure('price'),
    figure('price'),
    figure('price'),
    figure('price'),
    volume(),
  ]);

/** One malformed row refuses the whole answer, as with every exchange's candles. */
const schema = rows(row(DAY_MS), MIN_CANDLES, MAX_CANDLES);

/** https://docs.cdp.coinbase.com/exchange/reference/exchangerestapi_getproductcandles */
export const candlesPoll = definePoll({
  source: 'coinbase',
  route: ROUTE,
  gives: 'candles',
  ownClock: onceDayTurns,
  request: () => ({
    path: ROUTE,
    query: { granularity: String(GRANULARITY_S) },
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema,
  normalise: (answer, receipt) => candlesOf('coinbase', ROUTE, answer.map(toCandle), receipt),
});

type Row = InferOutput<ReturnType<typeof row>>;

/** A row's candle. */
export const toCandle = ([t, l, h, o, c, v]: Row): Candle => [t, o, h, l, c, v];
