/** Coinbase's daily candles of BTC-USD: newest first, and a day without a trade is left out. */

import { type InferOutput, looseTuple } from 'valibot';
import {
  candlesOf,
  MAX_CANDLES,
  MIN_CANDLES,
  onceDayTurns,
  openTimeS,
  volume,
} from '../daily-candles.ts';
import { figure } from '../figure.ts';
import { rows } from '../rows.ts';
import { type Candle, definePoll } from '../source.ts';

const ROUTE = '/products/BTC-USD/candles';

/** A day, in seconds. */
const GRANULARITY_S = 86_400;

/** Six times 300 candles, the most that are sent, of 70 bytes. */
const MAX_BODY_BYTES = 128 * 1024;

/** Open time in seconds, then — in this order — low, high, open, close, and base volume. */
const row = looseTuple([
  openTimeS(),
  figure('price'),
  figure('price'),
  figure('price'),
  figure('price'),
  volume(),
]);

/** One malformed row refuses the whole answer, as with every exchange's candles. */
const schema = rows(row, MIN_CANDLES, MAX_CANDLES);

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

const toCandle = ([t, l, h, o, c, v]: InferOutput<typeof row>): Candle => [t, o, h, l, c, v];
