/** For tests: exchanges on loopback made of raw bytes, so that they can break every rule of the protocol, and what a socket tells. */

import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { systemClock } from '../contract/index.ts';
import { until } from '../e2e/until.ts';
import { createOpenSocket } from './open-socket.ts';
import type { StreamEnd, StreamSocket } from './sources/stream.ts';

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** First bytes of frames (RFC 6455 §5.2): the last or only one of a message, unless it says otherwise. */
export const OPCODE = {
  text: 0x81,
  textThatGoesOn: 0x01,
  goesOn: 0x00,
  binary: 0x82,
  close: 0x88,
  ping: 0x89,
  compressedText: 0xc1,
  reserved: 0x83,
} as const;

/** A server's frame; `length` may announce more than there is. */
export function frame(opcode: number, payload: string | Buffer, length?: number): Buffer {
  const content = Buffer.from(payload);
  const announced = length ?? content.length;
  const header = Buffer.alloc(announced < 126 ? 2 : 10);
  header[0] = opcode;
  header[1] = announced < 126 ? announced : 127;
  if (announced >= 126) header.writeBigUInt64BE(BigInt(announced), 2);
  return Buffer.concat([header, content]);
}

/** A close frame with its code. */
export const goodbye = (code: number): Buffer =>
  frame(OPCODE.close, Buffer.from([code >> 8, code & 0xff]));

/** Exchanges that end together. */
export interface Exchanges {
  /** `speak` gets the connection and the request's head once that has come. Returns the address. */
  raw(speak: (connection: Socket, head: string) => void): Promise<string>;
  /** As `raw`, after a proper handshake. */
  consenting(speak: (connection: Socket) => void): Promise<string>;
  /** Connections that are still open. */
  open(): number;
  close(): void;
}

/** Starts nothing yet; every exchange takes a free port of its own. */
export function createExchanges(): Exchanges {
  const closers: (() => void)[] = [];
  const connections = new Set<Socket>();
  const raw: Exchanges['raw'] = async (speak) => {
    const server = createServer((connection) => {
      connections.add(connection);
      connection.on('error', () => {});
      connection.on('close', () => connections.delete(connection));
      connection.once('data', (head) => speak(connection, head.toString()));
    });
    const listening = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    closers.push(() => server.close());
    const address = server.address();
    return `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  };
  return {
    raw,
    consenting: (speak) =>
      raw((connection, head) => {
        connection.write(consent(head));
        speak(connection);
      }),
    open: () => connections.size,
    close() {
      for (const connection of connections) connection.destroy();
      for (const close of closers.splice(0)) close();
    },
  };
}

function consent(head: string): string {
  const [, key] = /^sec-websocket-key: (\S+)/im.exec(head) ?? [];
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`;
}

/** Does something every few milliseconds for as long as the connection lasts. */
export function keepAt(connection: Socket, act: () => void, everyMs = 5): void {
  const timer = setInterval(act, everyMs);
  connection.on('close', () => clearInterval(timer));
}

/** A socket, and all it has told so far. */
export interface HeardSocket {
  readonly socket: StreamSocket;
  readonly frames: readonly (string | null)[];
  /** `opened` and `pinged`, as often as they were told. */
  readonly signs: readonly string[];
  readonly ends: readonly StreamEnd[];
  /** What was told after the end. */
  readonly late: readonly string[];
  /** Waits for the end. */
  ended(): Promise<StreamEnd>;
}

export const HEADERS = { 'user-agent': 'marketcast-test/1.0 (+https://example.org)' };

/** Opens a socket of the product and listens to it. */
export function listenTo(url: string): HeardSocket {
  const frames: (string | null)[] = [];
  const signs: string[] = [];
  const ends: StreamEnd[] = [];
  const late: string[] = [];
  const told = (what: string) => {
    if (ends.length > 0) late.push(what);
  };
  const socket = createOpenSocket(systemClock)(url, HEADERS, {
    opened() {
      told('opened');
      signs.push('opened');
    },
    frame(text) {
      told('frame');
      frames.push(text);
    },
    pinged() {
      told('pinged');
      signs.push('pinged');
    },
    ended(end) {
      told('ended');
      ends.push(end);
    },
  });
  return {
    socket,
    frames,
    signs,
    ends,
    late,
    async ended() {
      const [end] = await until(
        () => ends,
        ({ length }) => length > 0,
      );
      if (end === undefined) throw new Error('it has not ended');
      return end;
    },
  };
}
