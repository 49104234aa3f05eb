/** Binance's stream: the last price of each coin in USDT, once a second while it changes. */

import { type InferOutput, number, object, pipe, string, transform, union, unknown } from 'valibot';
import type { ErrorCode } from '../../../contract/index.ts';
import { epochMs } from '../event-time.ts';
import { decimalText, figure, orNull } from '../figure.ts';
import type { Frame, Stream } from '../stream.ts';
import {
  alive,
  changeFrom,
  coinOf,
  parseFrame,
  pricesFrame,
  readAs,
  UNREADABLE,
} from '../ticker-frame.ts';

/** What prices are in; taken for US dollars, and itself not traded against itself. */
export const QUOTE = 'USDT';

/** Cut after 24 hours by contract: an hour of room, so that whoever connects anew can choose the moment. */
const MAX_CONNECTION_MS = 23 * 3600 * 1000;

/** Five a second are allowed, pongs among them: four leave room for one. */
const MIN_MESSAGE_INTERVAL_MS = 250;

const priced = (coins: readonly string[]): readonly string[] =>
  coins.filter((coin) => coin !== QUOTE);

/** A wrapped event, as a connection to several streams sends them. */
const wrapped = object({ stream: string(), data: unknown() });

/** New kinds may come at any time: all that they share is how they are named. */
const event = object({ e: string(), E: orNull(epochMs()) });

const price = () => pipe(decimalText(), figure('price'));

/** What `24hrMiniTicker` and `24hrTicker` share: time, pair, last, 24 h ago, highest, lowest, USDT traded. */
const ticker = object({
  E: epochMs(),
  s: string(),
  c: price(),
  o: orNull(price()),
  h: orNull(price()),
  l: orNull(price()),
  q: orNull(pipe(decimalText(), figure('amount'))),
});

/** An acknowledgement, or an event of the order book, the only kind that has no name. */
const nameless = union([
  object({ id: unknown(), result: unknown() }),
  object({ u: number(), s: string() }),
]);

const problem = object({ code: number(), msg: string() });
/** Documented as the one, seen as the other. */
const errorBody = union([
  problem,
  pipe(
    object({ error: problem }),
    transform((body) => body.error),
  ),
]);

/**
 * `@miniTicker` and not `@ticker`: it has all that is read, in a third of the bytes. The change is computed from the
 * price of 24 hours ago as Binance computes its own. A stream that does not exist is no error there, it is silent.
 * https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */
export const tickerStream = {
  address: (coins) =>
    `/stream?streams=${priced(coins)
      .map((coin) => `${`${coin}${QUOTE}`.toLowerCase()}@miniTicker`)
      .join('/')}`,
  hello: () => [],
  read(text, coins) {
    const frame = parseFrame(text);
    return readEvent(readAs(wrapped, frame)?.data ?? frame, coins);
  },
  maxConnectionMs: MAX_CONNECTION_MS,
  minMessageIntervalMs: MIN_MESSAGE_INTERVAL_MS,
} as const satisfies Stream;

function readEvent(data: unknown, coins: readonly string[]): Frame {
  if (Array.isArray(data)) return readTickers(data, coins);
  const named = readAs(event, data);
  if (named === null) return readNameless(data);
  switch (named.e) {
    case '24hrMiniTicker':
    case '24hrTicker':
      return readTickers([data], coins);
    case 'serverShutdown':
      return { kind: 'going_away' };
    default:
      return alive(named.E);
  }
}

function readTickers(tickers: readonly unknown[], coins: readonly string[]): Frame {
  const asked = priced(coins);
  return pricesFrame(tickers, ticker, (read) => {
    const symbol = coinOf(read.s, QUOTE, asked);
    return symbol === null ? null : { symbol, eventTimeMs: read.E, value: figuresOf(read) };
  });
}

const figuresOf = ({ c, o, h, l, q }: InferOutput<typeof ticker>) => ({
  price_usd: c,
  change_24h: changeFrom(o, c),
  high_24h: h,
  low_24h: l,
  volume_24h_usd: q,
});

function readNameless(data: unknown): Frame {
  const error = readAs(errorBody, data);
  if (error !== null) return { kind: 'refused', code: codeOf(error) };
  return readAs(nameless, data) === null ? UNREADABLE : alive(null);
}

/** Nothing is said on this connection, so whatever is wrong is not wrong with one coin. */
function codeOf({ code, msg }: InferOutput<typeof problem>): ErrorCode {
  if (code === TOO_MANY_REQUESTS || RATE_LIMIT.test(msg)) return 'rate_limited';
  return /restricted location/i.test(msg) ? 'blocked' : 'bad_response';
}

/** The code of Binance's other interfaces for the same. */
const TOO_MANY_REQUESTS = -1003;
const RATE_LIMIT = /too many|rate.?limit/i;
