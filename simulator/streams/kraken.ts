/** Kraken's WebSocket API, version 2: the channel `ticker`. */

import * as v from 'valibot';
import {
  type Conversation,
  type Line,
  MAX_SUBSCRIPTIONS,
  type StreamingExchange,
} from './exchange.ts';
import {
  acceptedFrame,
  HEARTBEAT,
  pongFrame,
  type Reply,
  refusedFrame,
  statusFrame,
  tickerFrame,
} from './kraken-frames.ts';

export const kraken = {
  id: 'kraken',
  variable: 'KRAKEN_WS_URL',
  serves: (path) => path === '/v2',
  needsUserAgent: false,
  handshakes: null,
  messages: null,
  pings: null,
  lifetimeMs: null,
  shutdownNotice: () => null,
  converse,
} as const satisfies StreamingExchange;

const REQUEST = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    method: v.string(),
    req_id: v.optional(v.pipe(v.number(), v.safeInteger())),
    params: v.optional(v.unknown()),
  }),
);
const TICKER_PARAMS = v.object({
  channel: v.literal('ticker'),
  symbol: v.pipe(v.array(v.string()), v.maxLength(MAX_SUBSCRIPTIONS)),
});

const PAIR = /^([A-Z0-9]{1,12})\/USD$/;
const symbolOf = (pair: string): string => PAIR.exec(pair)?.[1] ?? '';

function converse(_address: URL, line: Line): Conversation {
  /** The last price that was told, by pair. */
  const pairs = new Map<string, number>();
  /** Something was said since the last tick. */
  let hasSpoken = true;

  const tell = (type: 'snapshot' | 'update', pair: string) => {
    const ticker = line.ticker(symbolOf(pair));
    if (!ticker || ticker.price === pairs.get(pair)) return;
    pairs.set(pair, ticker.price);
    hasSpoken = true;
    line.tell(symbolOf(pair), tickerFrame(type, pair, ticker, line.nowMs()));
  };
  const subscribe = (pair: string, reply: Reply) => {
    if (!line.ticker(symbolOf(pair))) {
      return line.say(refusedFrame(reply, `Currency pair not supported ${pair}`, pair));
    }
    if (pairs.has(pair)) return line.say(refusedFrame(reply, 'Already subscribed', pair));
    line.say(acceptedFrame(reply, pair));
    tell('snapshot', pair);
  };
  const unsubscribe = (pair: string, reply: Reply) => {
    if (pairs.delete(pair)) line.say(acceptedFrame(reply, pair));
    else line.say(refusedFrame(reply, 'Subscription Not Found', pair));
  };

  line.say(statusFrame());
  return {
    received(text) {
      hasSpoken = true;
      const parsed = v.safeParse(REQUEST, text);
      const { method, req_id, params } = parsed.success
        ? { params: undefined, req_id: undefined, ...parsed.output }
        : { method: 'error', req_id: undefined, params: undefined };
      const reply = { method, reqId: req_id, timeMs: line.nowMs() };
      if (method === 'ping') return line.say(pongFrame(reply));
      if (method !== 'subscribe' && method !== 'unsubscribe') {
        return line.say(refusedFrame(reply, 'Malformed request'));
      }
      if (!v.is(TICKER_PARAMS, params)) return line.say(refusedFrame(reply, 'Unsupported field'));
      for (const pair of params.symbol) {
        if (method === 'subscribe') subscribe(pair, reply);
        else unsubscribe(pair, reply);
      }
    },
    tick() {
      for (const pair of pairs.keys()) tell('update', pair);
      // Nobody who has subscribed to nothing gets heartbeats.
      if (!hasSpoken && pairs.size > 0) line.say(HEARTBEAT);
      hasSpoken = false;
    },
  };
}
