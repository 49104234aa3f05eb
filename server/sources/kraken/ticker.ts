/** Kraken's stream, version 2: the last price of each coin in US dollars at every trade, heartbeats in between. */

import {
  type InferOutput,
  object,
  optional,
  pipe,
  string,
  transform,
  union,
  unknown,
} from 'valibot';
import { isoTime } from '../event-time.ts';
import { figure, figureOrNull, orNull } from '../figure.ts';
import type { Frame, Stream } from '../stream.ts';
import {
  alive,
  coinOf,
  parseFrame,
  pricesFrame,
  readAs,
  UNREADABLE,
  worth,
} from '../ticker-frame.ts';

const QUOTE = '/USD';

/** A limit is documented, its number is not. There is one message to send. */
const MIN_MESSAGE_INTERVAL_MS = 1000;

/** Tickers, a status, a heartbeat, or what is not asked for. */
const published = object({ channel: string(), data: optional(unknown()) });

/** Numbers here, where requests are answered with text. */
const ticker = object({
  symbol: string(),
  last: figure('price'),
  high: figureOrNull('price'),
  low: figureOrNull('price'),
  change_pct: figureOrNull('percent'),
  /** Coins. */
  volume: figureOrNull('amount'),
  /** Mean price of that volume. */
  vwap: figureOrNull('price'),
  /** Missing in older frames. */
  timestamp: optional(isoTime()),
});

/** What is refused comes back with the coin it was for; what is not understood, or too much, without one. */
const refused = union([
  object({ error: string(), symbol: orNull(string()) }),
  pipe(
    object({ Error: string() }),
    transform(({ Error: error }) => ({ error, symbol: null })),
  ),
]);

const RATE_LIMIT = /msg rate|rate.?limit|too many/i;

/** An answer to what was sent; its time says how late frames come before any price does. */
const answer = object({ method: string(), time_out: orNull(isoTime()) });

/** https://docs.kraken.com/api/docs/websocket-v2/ticker */
export const tickerStream = {
  address: () => '/v2',
  // Every coin of the one message is answered by itself, so an unknown one harms no other.
  hello: (coins) => [
    JSON.stringify({
      method: 'subscribe',
      params: { channel: 'ticker', symbol: coins.map((coin) => `${coin}${QUOTE}`) },
    }),
  ],
  read(text, coins) {
    const frame = parseFrame(text);
    const known = readAs(published, frame);
    if (known === null) return readAnswer(frame);
    if (known.channel !== 'ticker') return alive(null);
    return Array.isArray(known.data) ? readTickers(known.data, coins) : UNREADABLE;
  },
  maxConnectionMs: null,
  minMessageIntervalMs: MIN_MESSAGE_INTERVAL_MS,
} as const satisfies Stream;

const readTickers = (tickers: readonly unknown[], coins: readonly string[]): Frame =>
  pricesFrame(tickers, ticker, (read) => {
    const symbol = coinOf(read.symbol, QUOTE, coins);
    return symbol === null
      ? null
      : { symbol, eventTimeMs: read.timestamp ?? null, value: figuresOf(read) };
  });

const figuresOf = ({ last, high, low, change_pct, volume, vwap }: InferOutput<typeof ticker>) => ({
  price_usd: last,
  change_24h: change_pct,
  high_24h: high,
  low_24h: low,
  volume_24h_usd: worth(volume, vwap ?? last),
});

function readAnswer(frame: unknown): Frame {
  const answered = readAs(answer, frame);
  const problem = readAs(refused, frame);
  if (problem !== null) {
    if (RATE_LIMIT.test(problem.error)) return { kind: 'refused', code: 'rate_limited' };
    if (problem.symbol === null) return { kind: 'refused', code: 'bad_response' };
  }
  return answered === null && problem === null ? UNREADABLE : alive(answered?.time_out ?? null);
}
