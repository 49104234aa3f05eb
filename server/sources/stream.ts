/** What a stream is: where live prices come from, what is said to get them, and how frames are read. Pure. */

import type { ErrorCode } from '../../contract/index.ts';
import type { CoinReading } from './source.ts';

/** A price as a frame brings it. */
export interface StreamedPrice {
  readonly symbol: string;
  /** The exchange's own time of the event, ms since 1970; `null` when it sent none. */
  readonly eventTimeMs: number | null;
  readonly value: CoinReading['value'];
}

/** What a frame says. */
export type Frame =
  | { readonly kind: 'prices'; readonly prices: readonly StreamedPrice[] }
  /** A heartbeat, an acknowledgement, or an event of a kind that is not read: the connection lives. */
  | { readonly kind: 'alive'; readonly eventTimeMs: number | null }
  /** The server will close soon: connect anew now. */
  | { readonly kind: 'going_away' }
  /** The exchange refuses what was asked for; one coin it does not know is no refusal, but `alive`. */
  | { readonly kind: 'refused'; readonly code: ErrorCode }
  /** No JSON, or a known event whose fields do not hold: counted, and goes no further. */
  | { readonly kind: 'unreadable' };

/** The live prices of one exchange, by one connection. */
export interface Stream {
  /** What is connected to, below the configured origin; the query is part of it. */
  address(coins: readonly string[]): string;
  /** Said once the connection is open, in this order, each a text frame. */
  hello(coins: readonly string[]): readonly string[];
  /** Reads one text frame; never throws. Prices are in range, and only of `coins`. */
  read(text: string, coins: readonly string[]): Frame;
  /** Connected anew before the exchange cuts the connection, ms; `null` where it does not. */
  readonly maxConnectionMs: number | null;
  /** Shortest time between two texts that are sent, ms: the exchange's limit with room for pongs. */
  readonly minMessageIntervalMs: number;
}

/** How a connection ended, or why there was none. */
export interface StreamEnd {
  /** HTTP status of a handshake that was refused; `null` otherwise. */
  readonly status: number | null;
  /** `Retry-After` and its like, read; ms since 1970. */
  readonly retryAtMs: number | null;
  /** WebSocket close code, for the log; `null` when there was no connection. */
  readonly closeCode: number | null;
  /** A frame was longer than {@link MAX_FRAME_BYTES}. */
  readonly isTooLarge: boolean;
}

/** Told by a socket; nothing after `ended`. */
export interface SocketEvents {
  opened(): void;
  /** @param text `null` for a binary frame */
  frame(text: string | null): void;
  /** The other side's protocol ping, which was answered already. */
  pinged(): void;
  ended(end: StreamEnd): void;
}

/** One connection to an exchange, which answers pings by itself, follows no redirect and offers no compression. */
export interface StreamSocket {
  send(text: string): void;
  /** Ends it at once, without a closing handshake. */
  terminate(): void;
}

/** Opens a connection; never throws, failures come as `ended`. Nothing is told before it has returned. */
export type Connect = (
  url: string,
  headers: Readonly<Record<string, string>>,
  events: SocketEvents,
) => StreamSocket;

/** Largest frame that is taken, bytes: a ticker has 600, a snapshot of all coins a few thousand. */
export const MAX_FRAME_BYTES = 64 * 1024;
