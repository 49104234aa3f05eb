/** Binance's `/klines` of the past: candles of every coin that is or was traded there. */

import { check, pipe, transform } from 'valibot';
import { defineCandleArchive } from '../candle-archive.ts';
import { MAX_CANDLES } from '../candles.ts';
import { rows } from '../rows.ts';
import { ROUTE, row, toCandle } from './klines.ts';
import { QUOTE } from './ticker.ts';

/** Five times 1 000 candles of 190 bytes. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Of weight 2 each: 480 of the 6 000 a minute that an address has. */
const SPACING_MS = 250;

/**
 * A candle during which trading was halted may end early (there are some of 2018), and its prices are true all the same;
 * one that ends late is of another interval.
 */
const candle = (intervalMs: number) =>
  pipe(
    row(intervalMs),
    check(([openMs, , , , , , closeMs]) => closeMs > openMs && closeMs < openMs + intervalMs),
    transform(toCandle),
  );

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
export const pastKlines = defineCandleArchive({
  source: 'binance',
  route: ROUTE,
  intervals: new Map([
    [60, '1m'],
    [3600, '1h'],
    [86_400, '1d'],
  ]),
  maxCandles: MAX_CANDLES,
  newestOnly: null,
  spacingMs: SPACING_MS,
  hasCoin: (symbol) => symbol !== QUOTE,
  request: ({ symbol, fromMs, toMs }, interval) => ({
    path: ROUTE,
    query: {
      symbol: `${symbol}${QUOTE}`,
      interval,
      startTime: String(fromMs),
      // Candles that open up to and at this time.
      endTime: String(toMs - 1),
      limit: String(MAX_CANDLES),
    },
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema: (intervalMs) => rows(candle(intervalMs), 0, MAX_CANDLES),
});
