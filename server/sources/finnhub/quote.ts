/** Finnhub's `/quote`: one fund a request. */

import { literal, number, object, pipe, union } from 'valibot';
import { polledStaleAfterS, UPSTREAM_CACHE_S } from '../../../contract/index.ts';
import { figure, figureOrNull } from '../figure.ts';
import { provenance, unixSeconds } from '../provenance.ts';
import { definePoll, type Poll } from '../source.ts';

const PATH = '/api/v1/quote';

/** Eight numbers take 100 bytes; an error says more, but no book. */
const MAX_BODY_BYTES = 64 * 1024;

/** What stands for a price, and for its time, where the upstream has none. */
const NONE = 0;

/**
 * Price, change in per cent since the last close, highest and lowest of the day, and the second of the last trade, which
 * stands still while the market is closed.
 */
const schema = object({
  c: union([literal(NONE), figure('price')]),
  dp: figureOrNull('percent'),
  h: figureOrNull('price'),
  l: figureOrNull('price'),
  t: union([literal(NONE), pipe(number(), unixSeconds())]),
});

/**
 * The route of one fund. Zeros with status 200 say that there is no quote; nothing is read of them, and they are no failure
 * that the other funds would have to wait for.
 * https://finnhub.io/docs/api/quote
 */
export function quotePoll(symbol: string): Poll {
  const route = `${PATH} ${symbol}`;
  return definePoll({
    source: 'finnhub',
    route,
    gives: 'etfs',
    request: ({ key }) => ({
      path: PATH,
      query: { symbol },
      headers: { 'X-Finnhub-Token': key ?? '' },
      maxBodyBytes: MAX_BODY_BYTES,
    }),
    schema,
    saysNone: ({ c, t }) => c === NONE || t === NONE,
    normalise: ({ c, dp, h, l, t }, receipt) => [
      {
        ...provenance(
          'finnhub',
          route,
          t,
          receipt,
          polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.none),
        ),
        figure: 'etf',
        symbol,
        value: { price_usd: c, change_24h: dp, high_24h: h, low_24h: l, volume_24h_usd: null },
      },
    ],
  });
}
