/** Finnhub: quotes of US funds, for those with a key. https://finnhub.io/docs/api/quote */

import type { FundQuote } from '../trading.ts';
import { type Answer, json, type RouteRequest, type SimulatedUpstream, text } from './upstream.ts';

/** What is not known has no error, but zeros. */
const NOTHING = { c: 0, d: null, dp: null, h: 0, l: 0, o: 0, pc: 0, t: 0 };

export const finnhub = {
  id: 'finnhub',
  variable: 'FINNHUB_BASE_URL',
  routes: [
    {
      path: '/api/v1/quote',
      answer(request, market) {
        const refused = withoutKey(request);
        if (refused) return refused;
        const quote = market.fund(request.query.get('symbol') ?? '');
        return json(quote ? told(quote) : NOTHING);
      },
    },
  ],
  refuse: () =>
    text('API limit reached. Please try again later. Remaining Limit: 0', 429, {
      'x-ratelimit-remaining': '0',
    }),
} as const satisfies SimulatedUpstream;

/** The key comes in the header or in the query. An empty one is taken for one that is used up. */
function withoutKey({ query, headers }: RouteRequest): Answer | null {
  const key = headers.get('x-finnhub-token') ?? query.get('token');
  if (key === null) return json({ error: 'Please use an API key.' }, 401);
  if (key !== '') return null;
  return text(
    'API limit reached. Please sign up for a free account to continue using the API',
    429,
  );
}

function told({ price, open, high, low, previousClose, atMs }: FundQuote) {
  const change = price - previousClose;
  return {
    c: price,
    d: Number(change.toFixed(2)),
    dp: Number(((change / previousClose) * 100).toFixed(4)),
    h: high,
    l: low,
    o: open,
    pc: previousClose,
    t: Math.floor(atMs / 1000),
  };
}
