/** Binance's `/klines`: daily BTCUSDT candles, the last one usually still open. */

import { check, type InferOutput, looseTuple, minLength, number, pipe, safeInteger } from 'valibot';
import {
  EARLIEST_MS,
  MAX_AHEAD_MS,
  polledStaleAfterS,
  UPSTREAM_CACHE_S,
} from '../../../contract/index.ts';
import { decimalText, figure } from '../figure.ts';
import { provenance } from '../provenance.ts';
import { rows } from '../rows.ts';
import { type Candle, definePoll } from '../source.ts';

const ROUTE = '/api/v3/klines';

const DAY_MS = 24 * 3600 * 1000;

/** The RSI from 250 closes is exact for display; 500 is the largest answer at the lowest price (weight 2). */
const LIMIT = 500;

/** The most this route ever sends, whatever is asked for. */
const MAX_CANDLES = 1000;

/** Five times 500 candles of 190 bytes. */
const MAX_BODY_BYTES = 512 * 1024;

/** RSI(14) needs 14 changes. */
const MIN_CANDLES = 15;

/** Elements of a row by contract. A shorter one means that the contract has changed. */
const ROW_LENGTH = 12;

const time = () => pipe(number(), safeInteger());

/** A daily candle opens at 00:00 UTC; one that does not is of another interval or of another zone. */
const openTime = () =>
  pipe(
    time(),
    check((ms) => ms >= EARLIEST_MS && ms % DAY_MS === 0),
  );

const price = () => pipe(decimalText(), figure('price'));
/** A day without a trade has volume 0. */
const volume = () =>
  pipe(
    decimalText(),
    check((value) => value >= 0),
  );

/** Open time, open, high, low, close, base volume, close time, and more that is not read. Times are ms. */
const row = pipe(
  looseTuple([openTime(), price(), price(), price(), price(), volume(), time()]),
  minLength(ROW_LENGTH),
  check(([openMs, , , , , , closeMs]) => closeMs === openMs + DAY_MS - 1),
);

/**
 * One malformed row refuses the whole answer: without it the closes beside it would look like neighbours, and an
 * upstream that breaks its contract once is not to be trusted with the rest.
 */
const schema = rows(row, MIN_CANDLES, MAX_CANDLES);

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
export const klinesPoll = definePoll({
  source: 'binance',
  route: ROUTE,
  gives: 'candles',
  request: () => ({
    path: ROUTE,
    query: { symbol: 'BTCUSDT', interval: '1d', limit: String(LIMIT) },
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema,
  normalise: (answer, receipt) => {
    const candles = newestRun(answer.map(toCandle));
    const newest = candles.at(-1);
    if (newest === undefined || candles.length < MIN_CANDLES) return [];
    // Of a day that has not begun nobody can know the prices.
    if (newest[0] > receipt.receivedAtMs + MAX_AHEAD_MS) return [];
    const staleAfterS = polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.none);
    // A candle's times say which day it is of, not when the upstream answered.
    const from = provenance('binance', ROUTE, null, receipt, staleAfterS);
    const asOfMs = Math.min(newest[0] + DAY_MS - 1, from.asOfMs);
    return [{ ...from, asOfMs, figure: 'candles', value: candles }];
  },
});

const toCandle = ([t, o, h, l, c, v]: InferOutput<typeof row>): Candle => [t, o, h, l, c, v];

/** The newest candles without a missing day, oldest first: an RSI across a gap would be a lie. */
function newestRun(candles: readonly Candle[]): readonly Candle[] {
  // A day that was sent twice counts as sent last.
  const byOpenTime = new Map(candles.map((candle) => [candle[0], candle]));
  const sorted = [...byOpenTime.values()].sort((a, b) => a[0] - b[0]);
  const lastGap = sorted.findLastIndex(
    ([openMs], index) => index > 0 && openMs - (sorted[index - 1]?.[0] ?? 0) !== DAY_MS,
  );
  return sorted.slice(Math.max(lastGap, 0));
}
