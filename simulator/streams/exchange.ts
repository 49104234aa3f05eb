/** What a simulated exchange's stream is: what it says, what it understands and what it allows, one plain object each. */

import type { Exchange, Ticker } from '../ticker.ts';

/** What a conversation may do with its connection. */
export interface Line {
  /** Wall clock, ms since 1970: with the skew that the exchange's clock may have. */
  nowMs(): number;
  /** `null` for a coin that the exchange does not list. */
  ticker(symbol: string): Ticker | null;
  /** An acknowledgement, a heartbeat, an error. */
  say(text: string): void;
  /** A price of `symbol`: faults may put these out of order, or repeat them. */
  tell(symbol: string, text: string): void;
  close(code: number): void;
}

/** One connection, as the exchange holds it. Begins when it is made. */
export interface Conversation {
  /** A message of the client. */
  received(text: string): void;
  /** Once a second. */
  tick(): void;
}

/** So many in any span of so many ms. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

/** A client that has left pings unanswered for so long is cut. */
export interface Pings {
  readonly everyMs: number;
  readonly deadlineMs: number;
}

/** One exchange. */
export interface StreamingExchange {
  readonly id: Exchange;
  /** The variable that points the server at it. */
  readonly variable: string;
  /** Whether a path is one of its. The paths of different exchanges do not meet, so one origin serves them all. */
  serves(path: string): boolean;
  /** Refuses handshakes without a `User-Agent`. */
  readonly needsUserAgent: boolean;
  /** Handshakes of one address; more get a 429. `null` = no limit that is simulated. */
  readonly handshakes: Rate | null;
  /** Messages of one connection, pings and pongs among them; more than these are cut. */
  readonly messages: Rate | null;
  /** Protocol pings; `null` where there are none. */
  readonly pings: Pings | null;
  /** A connection is closed after this; `null` = never. */
  readonly lifetimeMs: number | null;
  /** What it sends before it goes down for maintenance; `null` where it just goes. */
  shutdownNotice(address: URL, nowMs: number): string | null;
  converse(address: URL, line: Line): Conversation;
}

/** Subscriptions of one connection: Binance's own limit, and plenty for the others. */
export const MAX_SUBSCRIPTIONS = 1024;
/** WebSocket close code: the client broke a rule of the exchange's. */
export const POLICY = 1008;
/** WebSocket close code: the exchange goes away. */
export const GOING_AWAY = 1001;
/** Not a code on the wire: the connection ends without a closing handshake. */
export const ABNORMAL = 1006;
