/** Coinbase Exchange's stream: the last price of each coin in US dollars at every trade, and a heartbeat a second. */

import { type InferOutput, object, optional, pipe, string } from 'valibot';
import type { ErrorCode } from '../../../contract/index.ts';
import { isoTime } from '../event-time.ts';
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
  worth,
} from '../ticker-frame.ts';

export const QUOTE = '-USD';

/** A hundred a second are allowed for an address, which others may share. Fifty coins take five seconds. */
const MIN_MESSAGE_INTERVAL_MS = 100;

/** New types may come at any time. Whatever has a time says by it that the stream is not delayed. */
const message = object({ type: string(), time: orNull(isoTime()) });

const price = () => pipe(decimalText(), figure('price'));

const ticker = object({
  product_id: string(),
  price: price(),
  open_24h: orNull(price()),
  high_24h: orNull(price()),
  low_24h: orNull(price()),
  /** Coins. */
  volume_24h: orNull(decimalText()),
  /** Of the trade. The first ticker after subscribing has been seen without one. */
  time: optional(isoTime()),
});

const problem = object({ message: orNull(string()), reason: orNull(string()) });

/** What is wrong with more than one coin, by what the error says. */
const REFUSALS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/rate.?limit|too many|slow.?down/i, 'rate_limited'],
  [/authenticat|unauthori[sz]ed|forbidden|restricted/i, 'blocked'],
];

/** https://docs.cdp.coinbase.com/exchange/websocket-feed/channels */
export const tickerStream = {
  address: () => '/',
  // One for each coin: a message that names an unknown one is refused as a whole.
  hello: (coins) =>
    coins.map((coin) =>
      JSON.stringify({
        type: 'subscribe',
        product_ids: [`${coin}${QUOTE}`],
        channels: ['ticker', 'heartbeat'],
      }),
    ),
  read(text, coins) {
    const frame = parseFrame(text);
    const known = readAs(message, frame);
    switch (known?.type) {
      case undefined:
        return UNREADABLE;
      case 'ticker':
        return readTicker(frame, coins);
      case 'error':
        return readProblem(frame);
      default:
        return alive(known?.time ?? null);
    }
  },
  maxConnectionMs: null,
  minMessageIntervalMs: MIN_MESSAGE_INTERVAL_MS,
} as const satisfies Stream;

const readTicker = (frame: unknown, coins: readonly string[]): Frame =>
  pricesFrame([frame], ticker, (read) => {
    const symbol = coinOf(read.product_id, QUOTE, coins);
    return symbol === null
      ? null
      : { symbol, eventTimeMs: read.time ?? null, value: figuresOf(read) };
  });

const figuresOf = (read: InferOutput<typeof ticker>) => ({
  price_usd: read.price,
  change_24h: changeFrom(read.open_24h, read.price),
  high_24h: read.high_24h,
  low_24h: read.low_24h,
  volume_24h_usd: worth(read.volume_24h, read.price),
});

/** Each message asked for one coin, so an error is about one coin unless it says otherwise. */
function readProblem(frame: unknown): Frame {
  const { message: title, reason } = readAs(problem, frame) ?? {};
  const refusal = REFUSALS.find(([words]) => words.test(`${title} ${reason}`));
  return refusal === undefined ? alive(null) : { kind: 'refused', code: refusal[1] };
}
