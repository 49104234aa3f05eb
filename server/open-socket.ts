/** Opens the sockets of streams, with the client that Bun builds in: unlike the one for browsers it tells a refusal's status and has a limit of size. */

import { type Refusal, WebSocket } from 'ws';
import type { Clock } from '../contract/index.ts';
import { retryAtMs } from './sources/retry-after.ts';
import { type Connect, MAX_FRAME_BYTES, type StreamEnd } from './sources/stream.ts';

/** An exchange that has said goodbye, or was told it, has this long to end the connection, ms. */
const CLOSE_TIMEOUT_MS = 1000;

/** Pongs and a few short texts are all that is sent: whoever lets so many bytes pile up pings without reading. */
const MAX_UNSENT_BYTES = 64 * 1024;

/** The client's errors about frames begin so. */
const FRAME_ERROR = /^WS_ERR_/;
/** Its error for a message longer than it may be. */
const TOO_LARGE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

/** RFC 6455 §7.4.1, as this side closes: no frame; longer than is taken; ended without a word. */
const PROTOCOL_ERROR = 1002;
const MESSAGE_TOO_BIG = 1009;
const ABNORMAL = 1006;

/** Headers that say when to come back. */
const RETRY_HEADERS = ['date', 'retry-after', 'x-ratelimit-reset'] as const;

const NO_CONNECTION: StreamEnd = {
  status: null,
  retryAtMs: null,
  closeCode: null,
  isTooLarge: false,
};

/** See {@link Connect}. Has no deadline of its own for the handshake: whoever opened it terminates it. */
export const createOpenSocket =
  (clock: Pick<Clock, 'now'>): Connect =>
  (url, headers, events) => {
    let hasOpened = false;
    let isOver = false;
    const end = (how: Partial<StreamEnd>): void => {
      if (isOver) return;
      isOver = true;
      events.ended({ ...NO_CONNECTION, ...how });
    };
    const socket = open(url, headers);
    if (socket === null) {
      queueMicrotask(() => end({}));
      return { send() {}, terminate() {} };
    }

    /** Ends it from this side, without waiting for the other; nothing but `close` follows. */
    const cut = (how: Partial<StreamEnd>): void => {
      end(how);
      socket.terminate();
    };
    socket.on('open', () => {
      hasOpened = true;
      events.opened();
    });
    socket.on('message', (data, isBinary) => {
      events.frame(isBinary ? null : data.toString());
    });
    socket.on('ping', () => {
      if (socket.bufferedAmount > MAX_UNSENT_BYTES) cut({ closeCode: ABNORMAL });
      else events.pinged();
    });
    socket.on('unexpected-response', (_request, response) => cut(refusal(response, clock.now())));
    socket.on('error', ({ code = '' }) => cut(hasOpened ? brokenOff(code) : {}));
    // Where there was no connection, an error came first.
    socket.on('close', (closeCode) => end({ closeCode }));
    return {
      send: (text) => socket.send(text),
      terminate: () => socket.terminate(),
    };
  };

/** @returns `null` when the address is none */
function open(url: string, headers: Readonly<Record<string, string>>): WebSocket | null {
  try {
    return new WebSocket(url, {
      headers,
      // A redirect could lead anywhere.
      followRedirects: false,
      // What is inflated here was not counted before.
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      closeTimeout: CLOSE_TIMEOUT_MS,
    });
  } catch {
    return null;
  }
}

function brokenOff(errorCode: string): Partial<StreamEnd> {
  if (errorCode === TOO_LARGE) return { closeCode: MESSAGE_TOO_BIG, isTooLarge: true };
  return { closeCode: FRAME_ERROR.test(errorCode) ? PROTOCOL_ERROR : ABNORMAL };
}

function refusal({ statusCode, headers }: Refusal, nowMs: number): Partial<StreamEnd> {
  const told = new Headers();
  for (const name of RETRY_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') told.set(name, value);
  }
  return { status: statusCode, retryAtMs: retryAtMs(told, nowMs) };
}
