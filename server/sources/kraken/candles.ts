/** Kraken's `/OHLC`: daily candles of BTC/USD, the last one still open. */

import { custom, type InferOutput, looseTuple, object, pipe, transform } from 'valibot';
import { MAX_CANDLES, openTimeS, priceText, volumeText } from '../candles.ts';
import { candlesOf, DAY_MS, MIN_CANDLES, onceDayTurns } from '../daily-candles.ts';
import { decimalText } from '../figure.ts';
import { rows } from '../rows.ts';
import { type Candle, definePoll } from '../source.ts';
import { refusal } from './refusal.ts';

export const ROUTE = '/0/public/OHLC';

/** A day, in minutes. */
const INTERVAL_MIN = 1440;

/** Three times 721 candles, the most that are sent, of 100 bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** Open time in seconds, open, high, low, close, average price (0 without a trade), base volume, and more. */
const row = (intervalMs: number) =>
  looseTuple([
    openTimeS(intervalMs),
    priceText(),
    priceText(),
    priceText(),
    priceText(),
    decimalText(),
    volumeText(),
  ]);

/** The time to ask from next; it stands beside the candles. */
const CURSOR = 'last';

/**
 * An answer with at least `min` candles of a length. They stand under the exchange's own name of the pair (`XXBTZUSD`),
 * whatever the request called it.
 */
export const schema = (intervalMs: number, min: number) =>
  object({
    result: pipe(
      custom<object>(
        (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      ),
      transform(onlyPair),
      // One malformed row refuses the whole answer, as with every exchange's candles.
      rows(row(intervalMs), min, MAX_CANDLES),
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
  schema: schema(DAY_MS, MIN_CANDLES),
  normalise: ({ result }, receipt) => candlesOf('kraken', ROUTE, result.map(toCandle), receipt),
});

type Row = InferOutput<ReturnType<typeof row>>;

/** A row's candle. */
export const toCandle = ([t, o, h, l, c, , v]: Row): Candle => [t, o, h, l, c, v];
