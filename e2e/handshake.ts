/** A WebSocket's handshake, byte by byte: from any address of loopback, with any headers. */

import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** How a handshake is made. */
export interface HandshakeOptions {
  readonly port: number;
  /** Address of 127.0.0.0/8 that it comes from. Default: 127.0.0.1. */
  readonly from?: string;
  /** Certificate of the authority that signed the server's; without it the connection is plain. */
  readonly caPem?: string;
  /** Beside the ones without which it is none; these win. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of it. */
export interface Handshake {
  /** 101 when the socket is open. */
  readonly status: number;
  close(): void;
}

/** Everything on loopback is answered within milliseconds. */
const ANSWER_TIMEOUT_MS = 5000;

/** @throws Error when there is no answer */
export function shakeHands({
  port,
  from = '127.0.0.1',
  caPem,
  headers,
}: HandshakeOptions): Promise<Handshake> {
  const address = { port, host: '127.0.0.1', localAddress: from };
  const socket = caPem === undefined ? connect(address) : connectTls({ ...address, ca: caPem });
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(why));
    };
    const timer = setTimeout(() => fail('no answer to a handshake'), ANSWER_TIMEOUT_MS);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3})[^\n]*\n/.exec(text)?.[1];
      if (status === undefined) return;
      clearTimeout(timer);
      resolve({ status: Number(status), close: () => void socket.destroy() });
    });
    socket.on('error', ({ message }) => fail(message));
    socket.on('close', () => fail('the connection was closed'));
    socket.write(`GET /ws HTTP/1.1\r\n${lines.join('')}\r\n`);
  });
}
