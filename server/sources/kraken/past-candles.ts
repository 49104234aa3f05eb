/** Kraken's candles of the past, as far as it has them: the newest 720 of every length, the last one still open. */

import { pipe, transform } from 'valibot';
import { defineCandleArchive } from '../candle-archive.ts';
import { MAX_BODY_BYTES, ROUTE, schema, toCandle } from './candles.ts';
import { refusal } from './refusal.ts';

/** Of what is older the exchange says nothing, from whenever on it is asked. */
const NEWEST = 720;

/** Public requests count by address; about one a second is safe. */
const SPACING_MS = 1100;

/** Requests know the names of the trade by the exchange's own, unlike the stream. */
const OWN_SYMBOLS: Readonly<Record<string, string>> = { BTC: 'XBT', DOGE: 'XDG' };

/** https://docs.kraken.com/api-reference/market-data/get-ohlc-data */
export const pastCandles = defineCandleArchive({
  source: 'kraken',
  route: ROUTE,
  intervals: new Map([
    [300, '5'],
    [3600, '60'],
    [86_400, '1440'],
  ]),
  maxCandles: NEWEST,
  newestOnly: NEWEST,
  spacingMs: SPACING_MS,
  // What it trades changes; what it does not know it answers with an error.
  hasCoin: () => true,
  request: ({ symbol, intervalS, fromMs }, interval) => ({
    path: ROUTE,
    query: {
      pair: `${OWN_SYMBOLS[symbol] ?? symbol}USD`,
      interval,
      // Candles after this time: the one before the page's first, so that this is among them, however "after" is meant.
      since: String(fromMs / 1000 - intervalS),
    },
    refusal,
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema: (intervalMs) =>
    pipe(
      schema(intervalMs, 0),
      transform(({ result }) => result.map(toCandle)),
    ),
});
