/** Kraken's `/OHLC`: daily candles of BTC/USD, the last one still open. */

import { custom, type InferOutput, looseTuple, object, pipe, transform } from 'valibot';
import {
  candlesOf,
  MAX_CANDLES,
  MIN_CANDLES,
  onceDayTurns,
  openTimeS,
  priceText,
  volumeText,
} from '../daily-candles.ts';
import { decimalText } from '../figure.ts';
import { rows } from '../rows.ts';
import { type Candle, definePoll } from '../source.ts';
import { refusal } from './refusal.ts';

const ROUTE = '/0/public/OHLC';

/** A day, in minutes. */
const INTERVAL_MIN = 1440;

/** Three times 721 candles, the most that are sent, of 100 bytes. */
const MAX_BODY_BYTES = 256 * 1024;

/** Open time in seconds, open, high, low, close, average price (0 without a trade), base volume, and more. */
const row = looseTuple([
  openTimeS(),
  priceText(),
  priceText(),
  priceText(),
  priceText(),
  decimalText(),
  volumeText(),
]);

/** The time to ask from next; it stands beside the candles. */
const CURSOR = 'last';

/** The candles stand under the exchange's own name of the pair (`XXBTZUSD`), whatever the request called it. */
const schema = object({
  result: pipe(
    custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
    transform(onlyPair),
    // One malformed row refuses the whole answer, as with every exchange's candles.
    rows(row, MIN_CANDLES, MAX_CANDLES),
  ),
});

/** What stands under the one key that is not the cursor; `null` unless there is just one. Looks at three keys at most. */
function onlyPair(result: object): unknown {
  let pair: string | null = null;
  for (const key in result) {
    if (key === CURSOR) continue;
    if (pair !== null) return null;
    pair = key;
  }
  return pair === null ? null : Reflect.get(result, pair);
}

/** https://docs.kraken.com/api/docs/rest-api/get-ohlc-data */
export const candlesPoll = definePoll({
  source: 'kraken',
  route: ROUTE,
  gives: 'candles',
  ownClock: onceDayTurns,
  request: () => ({
    path: ROUTE,
    query: { pair: 'XBTUSD', interval: String(INTERVAL_MIN) },
    refusal,
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema,
  normalise: ({ result }, receipt) => candlesOf('kraken', ROUTE, result.map(toCandle), receipt),
});

const toCandle = ([t, o, h, l, c, , v]: InferOutput<typeof row>): Candle => [t, o, h, l, c, v];
