/** TAAPI: its own RSI(14) of BTC, beside the one computed here. Only with a key. */

import { object } from 'valibot';
import { polledStaleAfterS, UPSTREAM_CACHE_S } from '../../../contract/index.ts';
import { figure } from '../figure.ts';
import { provenance } from '../provenance.ts';
import { definePoll, type Source } from '../source.ts';
import { refusal } from './refusal.ts';

const ROUTE = '/rsi';

/** One number takes 30 bytes; an error says more, but no book. */
const MAX_BODY_BYTES = 64 * 1024;

/** https://taapi.io/indicators/relative-strength-index/ — the value includes the candle that is still open. */
const rsiPoll = definePoll({
  source: 'taapi',
  route: ROUTE,
  gives: 'rsi_14_taapi',
  request: ({ key }) => ({
    path: ROUTE,
    // The only way this upstream takes a key; the reason why no address is ever logged.
    query: { secret: key ?? '', exchange: 'binance', symbol: 'BTC/USDT', interval: '1d' },
    refusal,
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema: object({ value: figure('rsi') }),
  normalise: ({ value }, receipt) => [
    {
      ...provenance(
        'taapi',
        ROUTE,
        null,
        receipt,
        polledStaleAfterS(receipt.pollIntervalS, UPSTREAM_CACHE_S.none),
      ),
      figure: 'rsi_14_taapi',
      value,
    },
  ],
});

/** https://taapi.io/documentation/rate-limits/ — the free plan's one call in 15 seconds. Which plan a key has is not known. */
const MIN_CALL_INTERVAL_MS = 15_000;

export const taapi = {
  id: 'taapi',
  needsKey: true,
  limits: () => ({ minCallIntervalMs: MIN_CALL_INTERVAL_MS }),
  polls: [rsiPoll],
  stream: null,
} as const satisfies Source;
