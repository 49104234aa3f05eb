/** What clients of the streams did: every connection, newest last, and counts by exchange. */

import { EXCHANGES, type Exchange } from '../ticker.ts';

/** One connection, or a handshake that led to none. */
export interface LoggedConnection {
  readonly exchange: Exchange;
  /** Path and query as sent. */
  readonly path: string;
  readonly user_agent: string | null;
  /** ISO 8601 UTC with milliseconds. */
  readonly at: string;
  /** `null` when it was accepted, or never answered. */
  readonly refused_with: number | null;
  /** `null` while it is open. */
  readonly closed_at: string | null;
  /** What the exchange closed it with; `null` when the client did. */
  readonly close_code: number | null;
  readonly messages_received: number;
}

/** Counts since the log was last emptied, but `open`, which is now. */
export interface StreamCounts {
  /** Handshakes, refused ones too. */
  readonly handshakes: number;
  readonly opened: number;
  readonly open: number;
  /** Messages of clients, protocol pings and pongs not among them. */
  readonly messages: number;
  readonly pongs: number;
}

/** The log as `GET /_sim/streams` gives it. */
export interface StreamLogView {
  readonly counts: Readonly<Record<Exchange, StreamCounts>>;
  /** The newest {@link MAX_LOGGED_CONNECTIONS}, oldest first. */
  readonly connections: readonly LoggedConnection[];
}

/** Connections kept; the counts go on. */
export const MAX_LOGGED_CONNECTIONS = 1000;

/** The log's entry of one handshake. */
export interface LogEntry {
  refused(status: number): void;
  opened(): void;
  received(): void;
  pong(): void;
  /** @param code `null` = the client closed it */
  closed(code: number | null): void;
}

/** Keeps what clients did. */
export interface StreamLog {
  add(exchange: Exchange, path: string, userAgent: string | null): LogEntry;
  clear(): void;
  view(): StreamLogView;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** @param isoNow the time, ISO 8601 UTC with milliseconds */
export function createStreamLog(isoNow: () => string): StreamLog {
  let connections: Writable<LoggedConnection>[] = [];
  const counts = byExchange<Writable<StreamCounts>>(() => ({
    handshakes: 0,
    opened: 0,
    open: 0,
    messages: 0,
    pongs: 0,
  }));
  return {
    add(exchange, path, userAgent) {
      const count = counts[exchange];
      const entry: Writable<LoggedConnection> = {
        exchange,
        path,
        user_agent: userAgent,
        at: isoNow(),
        refused_with: null,
        closed_at: null,
        close_code: null,
        messages_received: 0,
      };
      count.handshakes += 1;
      connections.push(entry);
      if (connections.length > MAX_LOGGED_CONNECTIONS) connections.shift();
      return {
        refused(status) {
          entry.refused_with = status;
        },
        opened() {
          count.opened += 1;
          count.open += 1;
        },
        received() {
          count.messages += 1;
          entry.messages_received += 1;
        },
        pong() {
          count.pongs += 1;
        },
        closed(code) {
          count.open -= 1;
          entry.closed_at = isoNow();
          entry.close_code = code;
        },
      };
    },
    clear() {
      connections = [];
      for (const count of Object.values(counts)) {
        Object.assign(count, { handshakes: 0, opened: 0, messages: 0, pongs: 0 });
      }
    },
    view: () => ({
      counts: byExchange((exchange) => ({ ...counts[exchange] })),
      connections: connections.map((entry) => ({ ...entry })),
    }),
  };
}

/** A record with an entry for every exchange. */
export const byExchange = <T>(make: (exchange: Exchange) => T): Record<Exchange, T> =>
  // Every exchange is among the entries, so the record is whole.
  Object.fromEntries(EXCHANGES.map((exchange) => [exchange, make(exchange)])) as Record<
    Exchange,
    T
  >;
