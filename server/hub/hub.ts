/** Fans the document out to sockets: first document, updates, patches, heartbeat, limits. */

import type { WebSocketHandler } from 'bun';
import type { CloseCode } from '../../contract/index.ts';

/** What the hub keeps of a socket. */
export interface SocketData {
  readonly ip: string;
}

/** Whether a socket may be opened, and if not, how the handshake is refused. */
export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly status: 429 | 503; readonly retryAfterS: number };

/** What is needed of `Bun.serve` to broadcast. */
export interface PublishTarget {
  publish(topic: string, data: string): number;
}

/** Counters for health and metrics. */
export interface HubStats {
  readonly sockets: number;
  readonly framesPublished: number;
  readonly slowClosed: number;
  /** Not heard of for too long. */
  readonly unheardTerminated: number;
  readonly refused: number;
}

/** Where the hub tells what it decided. */
export interface HubLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The hub. */
export interface Hub<Data extends SocketData> {
  /** Counts the socket in if it may be opened; whoever is admitted must be upgraded, or given back by `giveBack`. */
  admit(ip: string): Admission;
  /** The upgrade of an admitted socket failed. */
  giveBack(ip: string): void;
  /** The data for `server.upgrade`. */
  socketData(ip: string): Data;
  /** Hand this to `Bun.serve`. */
  readonly websocket: WebSocketHandler<Data>;
  /** Begins to listen to the broker and to broadcast through `target`. Call it before the first socket opens. */
  start(target: PublishTarget): void;
  stats(): HubStats;
  /** Stops listening, refuses new sockets and closes every socket with `code`. Harmless when called again. */
  close(code: CloseCode): void;
}
