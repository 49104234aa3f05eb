/** Coinbase Exchange's feed: the channels `ticker` and `heartbeat`. */

import * as v from 'valibot';
import { errorFrame, heartbeatFrame, subscriptionsFrame, tickerFrame } from './coinbase-frames.ts';
import {
  type Conversation,
  type Line,
  MAX_SUBSCRIPTIONS,
  POLICY,
  type StreamingExchange,
} from './exchange.ts';

/** Seconds in which a client must have subscribed to something. */
const SUBSCRIBE_WITHIN_TICKS = 5;

export const coinbase = {
  id: 'coinbase',
  variable: 'COINBASE_WS_URL',
  serves: (path) => path === '/',
  needsUserAgent: true,
  // Eight a second, with a burst of twenty.
  handshakes: { count: 20, perMs: 2500 },
  messages: { count: 100, perMs: 1000 },
  pings: null,
  lifetimeMs: null,
  shutdownNotice: () => null,
  converse,
} as const satisfies StreamingExchange;

const CHANNELS = ['ticker', 'heartbeat'] as const;
const PRODUCTS = v.array(v.string());
const MESSAGE = v.object({
  type: v.picklist(['subscribe', 'unsubscribe']),
  product_ids: v.optional(PRODUCTS, []),
  channels: v.array(
    v.union([v.string(), v.object({ name: v.string(), product_ids: v.optional(PRODUCTS, []) })]),
  ),
});
type Message = v.InferOutput<typeof MESSAGE>;
const JSON_MESSAGE = v.pipe(v.string(), v.parseJson(), MESSAGE);

const PRODUCT = /^([A-Z0-9]{1,12})-USD$/;
const symbolOf = (product: string): string | null => PRODUCT.exec(product)?.[1] ?? null;

function converse(_address: URL, line: Line): Conversation {
  const channels = new Map<string, Set<string>>();
  const lastPrices = new Map<string, number>();
  let ticks = 0;

  const tell = (product: string) => {
    const symbol = symbolOf(product);
    const ticker = symbol === null ? null : line.ticker(symbol);
    if (symbol === null || !ticker) return;
    lastPrices.set(product, ticker.price);
    line.tell(symbol, tickerFrame(product, ticker, line.nowMs()));
  };
  const hasTraded = (product: string) =>
    line.ticker(symbolOf(product) ?? '')?.price !== lastPrices.get(product);
  return {
    received(text) {
      const parsed = v.safeParse(JSON_MESSAGE, text);
      if (!parsed.success) return line.say(errorFrame('Malformed JSON'));
      const reason = refusalOf(parsed.output, line);
      if (reason !== null) return line.say(errorFrame('Failed to subscribe', reason));
      const before = new Set(channels.get('ticker'));
      apply(parsed.output, channels);
      line.say(subscriptionsFrame(channels));
      // What is subscribed to begins with its last trade.
      for (const product of channels.get('ticker') ?? []) if (!before.has(product)) tell(product);
    },
    tick() {
      ticks += 1;
      if (channels.size === 0 && ticks >= SUBSCRIBE_WITHIN_TICKS) return line.close(POLICY);
      for (const product of channels.get('ticker') ?? []) if (hasTraded(product)) tell(product);
      for (const product of channels.get('heartbeat') ?? []) {
        line.say(heartbeatFrame(product, line.nowMs()));
      }
    },
  };
}

/** A message is refused as a whole, also for one product out of many. */
function refusalOf(message: Message, line: Line): string | null {
  const wanted = subscriptionsOf(message);
  const channel = wanted.find(([name]) => !CHANNELS.some((known) => known === name));
  if (channel) return `${channel[0]} is not a valid channel`;
  const products = wanted.flatMap(([, names]) => names);
  if (products.length === 0) return 'product_ids is required';
  if (products.length > MAX_SUBSCRIPTIONS) return 'too many products';
  const unknown = products.find((product) => line.ticker(symbolOf(product) ?? '') === null);
  return unknown === undefined ? null : `${unknown} is not a valid product`;
}

const subscriptionsOf = ({ channels, product_ids }: Message): [string, string[]][] =>
  channels.map((channel) =>
    typeof channel === 'string'
      ? [channel, product_ids]
      : [channel.name, [...product_ids, ...channel.product_ids]],
  );

function apply(message: Message, channels: Map<string, Set<string>>): void {
  for (const [name, products] of subscriptionsOf(message)) {
    const held = channels.get(name) ?? new Set();
    for (const product of products) {
      if (message.type === 'subscribe') held.add(product);
      else held.delete(product);
    }
    if (held.size > 0) channels.set(name, held);
    else channels.delete(name);
  }
}
