/** Finnhub's quotes of the US funds: one fund a request, and a body that does not say of which. */

import { US_ETF_SYMBOLS } from '../../contract/index.ts';
import { replaceSeconds, toMinuteS } from './move-times.ts';
import { isObject, type RecordedRoute, type Recording } from './recording.ts';

const PATH = '/api/v1/quote';
/** Price, and the second of the last trade; zeros say that there is no quote. */
const FIGURES = ['c', 'h', 'l', 'o', 'pc', 't'] as const;
/** A name that speaks of a symbol. */
const SYMBOL = /(?:^|_)([A-Z]{1,5})(?=[_.]|$)/;

const quoteRoute = (symbol: string): RecordedRoute => ({
  path: PATH,
  name: `${PATH} ${symbol}`,
  variable: 'FINNHUB_BASE_URL',
  secret: 'FINNHUB_API_KEY=replay',
  about: { symbol },
  recognise(recording) {
    const { body } = recording;
    const isQuote = isObject(body) && FIGURES.every((figure) => isPositive(body[figure]));
    const told = symbolOf(recording);
    if (!isQuote || (told !== null && told !== symbol)) return null;
    // Nobody knows whose it is: it is this fund's only for somebody who says so.
    return { timeMs: Number(body.t) * 1000, isComplete: told !== null };
  },
  body: ({ text }, { nowMs, asRecorded }) =>
    asRecorded ? text : replaceSeconds(text, 't', toMinuteS(nowMs)),
});

/** One for each fund. */
export const finnhubQuoteRoutes: readonly RecordedRoute[] = US_ETF_SYMBOLS.map(quoteRoute);

const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0;

const symbolOf = ({ request, file }: Recording): string | null =>
  request?.searchParams.get('symbol') ?? file.split('/').at(-1)?.match(SYMBOL)?.[1] ?? null;
