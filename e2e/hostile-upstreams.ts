/** Upstreams on loopback made of raw bytes, so that they can do what no server should. */

import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';

/** What is done on a connection once the request's head has come. */
export type Deed = (connection: Socket, head: string) => void;

/** One upstream. */
export interface HostileUpstream {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Connections so far; for a trap there should be none. */
  connections(): number;
  close(): void;
}

/** Listens on a free port. */
export async function startHostile(deed: Deed): Promise<HostileUpstream> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((connection) => {
    connections += 1;
    open.add(connection);
    connection.on('error', () => {});
    connection.on('close', () => open.delete(connection));
    connection.once('data', (head) => deed(connection, head.toString()));
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  return {
    host: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    connections: () => connections,
    close() {
      for (const connection of open) connection.destroy();
      server.close();
    },
  };
}

/** Nobody is to come here. */
export const startTrap = (): Promise<HostileUpstream> =>
  startHostile((connection) => connection.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));

/** Writes the same piece again and again, as fast as it is taken. */
function pour(connection: Socket, piece: Buffer): void {
  const more = () => {
    while (!connection.destroyed && connection.write(piece));
  };
  connection.on('drain', more);
  more();
}

/** Writes something every few milliseconds. */
function drip(connection: Socket, text: () => string | Buffer, everyMs: number): void {
  const timer = setInterval(() => connection.write(text()), everyMs);
  connection.on('close', () => clearInterval(timer));
}

/** A status line, and then a header after the other, without end. */
export const headersWithoutEnd: Deed = (connection) => {
  connection.write('HTTP/1.1 200 OK\r\n');
  let count = 0;
  drip(connection, () => `x-${count++}: ${'y'.repeat(100)}\r\n`, 10);
};

/** Sends whoever comes to another host. */
export const redirectTo =
  (url: string): Deed =>
  (connection) =>
    connection.end(`HTTP/1.1 302 Found\r\nlocation: ${url}\r\ncontent-length: 0\r\n\r\n`);

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** After a proper handshake. */
const consenting =
  (speak: (connection: Socket) => void): Deed =>
  (connection, head) => {
    const [, key] = /^sec-websocket-key: (\S+)/im.exec(head) ?? [];
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
    connection.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    speak(connection);
  };

/** First bytes of frames (RFC 6455 §5.2). */
const [TEXT, TEXT_THAT_GOES_ON, GOES_ON, BINARY, PING] = [0x81, 0x01, 0x00, 0x82, 0x89];
const SHORT = 126;
const MB = 1024 * 1024;

/** A server's frame; `length` may announce more than there is. */
function frame(opcode: number, payload: string, length = payload.length): Buffer {
  const header = Buffer.alloc(length < SHORT ? 2 : 10);
  header[0] = opcode;
  header[1] = length < SHORT ? length : 127;
  if (length >= SHORT) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, Buffer.from(payload)]);
}

/** As many of a frame as make a megabyte. */
const megabyteOf = (one: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: Math.ceil(MB / one.length) }, () => one));

/** One frame of 200 MB. */
export const hugeFrame: Deed = consenting((connection) => {
  connection.write(frame(TEXT, '', 200 * MB));
  pour(connection, Buffer.alloc(MB, 'x'));
});

/** One text in fragments that never ends. */
export const endlessFragments: Deed = consenting((connection) => {
  connection.write(frame(TEXT_THAT_GOES_ON, 'x'));
  pour(connection, megabyteOf(frame(GOES_ON, 'x'.repeat(100))));
});

/** The same with nothing in them: no limit of size is ever reached. */
export const endlessEmptyFragments: Deed = consenting((connection) => {
  connection.write(frame(TEXT_THAT_GOES_ON, ''));
  pour(connection, megabyteOf(frame(GOES_ON, '')));
});

/** Binary frames, as fast as they are taken. */
export const binaryFrames: Deed = consenting((connection) =>
  pour(connection, megabyteOf(frame(BINARY, '\u0000'.repeat(1000)))),
);

/** Pings, as fast as they are taken, with nobody who reads the pongs. */
export const pingFlood: Deed = consenting((connection) => {
  connection.pause();
  pour(connection, megabyteOf(frame(PING, 'x'.repeat(100))));
});

/** Texts of two bytes, as fast as they are taken: millions a second. */
export const tinyFrames: Deed = consenting((connection) =>
  pour(connection, megabyteOf(frame(TEXT, '{}'))),
);

/** Half of a frame, a byte now and then. */
export const slowFrame: Deed = consenting((connection) => {
  connection.write(frame(TEXT, '', 60_000));
  drip(connection, () => 'x', 100);
});
