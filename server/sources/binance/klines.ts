/** Binance's `/klines`: daily BTCUSDT candles, the last one usually still open. */

import { check, type InferOutput, looseTuple, minLength, number, pipe } from 'valibot';
import { MAX_CANDLES, openTimeMs, priceText, volumeText } from '../candles.ts';
import { candlesOf, DAY_MS, MIN_CANDLES, onceDayTurns } from '../daily-candles.ts';
import { rows } from '../rows.ts';
import { type Candle, definePoll } from '../source.ts';

export const ROUTE = '/api/v3/klines';

/** The RSI from 250 closes is exact for display; 500 is the largest answer at the lowest price (weight 2). */
const LIMIT = 500;

/** Five times 500 candles of 190 bytes. */
const MAX_BODY_BYTES = 512 * 1024;

/** Elements of a row by contract. A shorter one means that the contract has changed. */
const ROW_LENGTH = 12;

/** Open time, open, high, low, close, base volume, close time, and more that is not read. Times are ms. */
export const row = (intervalMs: number) =>
  pipe(
    looseTuple([
      openTimeMs(intervalMs),
      priceText(),
      priceText(),
      priceText(),
      priceText(),
      volumeText(),
      number(),
    ]),
    minLength(ROW_LENGTH),
  );

const day = pipe(
  row(DAY_MS),
  check(([openMs, , , , , , closeMs]) => closeMs === openMs + DAY_MS - 1),
);

/**
 * One malformed row refuses the whole answer: without it the closes beside it would look like neighbours, and an
 * upstream that breaks its contract once is not to be trusted with the rest.
 */
const schema = rows(day, MIN_CANDLES, MAX_CANDLES);

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
export const klinesPoll = definePoll({
  source: 'binance',
  route: ROUTE,
  gives: 'candles',
  ownClock: onceDayTurns,
  request: () => ({
    path: ROUTE,
    query: { symbol: 'BTCUSDT', interval: '1d', limit: String(LIMIT) },
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema,
  normalise: (answer, receipt) => candlesOf('binance', ROUTE, answer.map(toCandle), receipt),
});

type Row = InferOutput<ReturnType<typeof row>>;

/** A row's candle. */
export const toCandle = ([t, o, h, l, c, v]: Row): Candle => [t, o, h, l, c, v];
