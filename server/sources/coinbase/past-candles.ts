/** Coinbase's candles of the past: newest first, and an interval without a trade is left out. */

import { pipe, transform } from 'valibot';
import { toWireTime } from '../../../contract/index.ts';
import { defineCandleArchive } from '../candle-archive.ts';
import { MAX_CANDLES } from '../candles.ts';
import { rows } from '../rows.ts';
import { MAX_BODY_BYTES, row, toCandle } from './candles.ts';
import { QUOTE } from './ticker.ts';

/** Of a span of more the exchange sends none, but an error. */
const MAX_PAGE = 300;

/** Ten requests a second are allowed for an address, which others may share. */
const SPACING_MS = 250;

/** https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-candles */
export const pastCandles = defineCandleArchive({
  source: 'coinbase',
  route: '/products/candles',
  intervals: new Map([
    [60, '60'],
    [3600, '3600'],
    [86_400, '86400'],
  ]),
  maxCandles: MAX_PAGE,
  newestOnly: null,
  spacingMs: SPACING_MS,
  // What it trades changes; what it does not know it answers with 404.
  hasCoin: () => true,
  request: ({ symbol, fromMs, toMs }, granularity) => ({
    path: `/products/${symbol}${QUOTE}/candles`,
    query: {
      granularity,
      start: toWireTime(fromMs),
      // Inclusive: the next candle, of which the page has none, would be one too many.
      end: toWireTime(toMs - 1),
    },
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema: (intervalMs) => rows(pipe(row(intervalMs), transform(toCandle)), 0, MAX_CANDLES),
});
