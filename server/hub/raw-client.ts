/** A WebSocket client made of a bare TCP socket, for tests: it answers nothing by itself and can stop reading. */

import net from 'node:net';

/** A frame of the server. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Opcodes of RFC 6455, section 5.2. */
export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A client that does only what it is told. */
export interface RawClient {
  /** Everything received so far. */
  readonly frames: readonly RawFrame[];
  /** The text frames received so far. */
  texts(): string[];
  /** The code of the close frame received, if there was one. */
  closeCode(): number | null;
  send(opcode: number, payload?: string | Uint8Array): void;
  pause(): void;
  resume(): void;
  /** Whether the TCP connection has ended. */
  isClosed(): boolean;
  destroy(): void;
}

/** How long a test waits for something that happens at once on a healthy machine. */
const PATIENCE_MS = 10_000;
const POLL_MS = 2;

/** Waits until `condition` holds. @throws when it does not within ten seconds */
export async function until(condition: () => boolean, what = condition.toString()): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await Bun.sleep(POLL_MS);
  }
}

/** Opens a WebSocket on loopback; resolves after the handshake. */
export function connectRaw(port: number, path = '/'): Promise<RawClient> {
  const frames: RawFrame[] = [];
  let unread = Buffer.alloc(0);
  let isUpgraded = false;
  let isClosed = false;
  const socket = net.connect(port, '127.0.0.1', () => socket.write(handshake(path)));
  socket.on('close', () => {
    isClosed = true;
  });
  const client: RawClient = {
    frames,
    texts: () => frames.filter((f) => f.opcode === OPCODE.text).map((f) => String(f.payload)),
    closeCode() {
      const frame = frames.find((f) => f.opcode === OPCODE.close);
      return frame && frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : null;
    },
    send: (opcode, payload = '') => void socket.write(maskedFrame(opcode, Buffer.from(payload))),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    isClosed: () => isClosed,
    destroy: () => void socket.destroy(),
  };
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      if (!isUpgraded) {
        const end = unread.indexOf('\r\n\r\n');
        if (end < 0) return;
        unread = unread.subarray(end + 4);
        isUpgraded = true;
        resolve(client);
      }
      for (let frame = takeFrame(); frame; frame = takeFrame()) frames.push(frame);
    });
  });

  function takeFrame(): RawFrame | null {
    if (unread.length < 2) return null;
    const short = unread.readUInt8(1) & 0x7f;
    const start = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (unread.length < start) return null;
    const length =
      short === 127
        ? Number(unread.readBigUInt64BE(2))
        : short === 126
          ? unread.readUInt16BE(2)
          : short;
    if (unread.length < start + length) return null;
    const frame = {
      opcode: unread.readUInt8(0) & 0x0f,
      payload: Buffer.from(unread.subarray(start, start + length)),
    };
    unread = unread.subarray(start + length);
    return frame;
  }
}

const handshake = (path: string) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: bWFya2V0Y2FzdCB0ZXN0cw==',
    'Sec-WebSocket-Version: 13',
    '\r\n',
  ].join('\r\n');

/** A final frame under the mask of four zeros, which changes nothing. */
function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const isLong = payload.length > 125;
  const head = Buffer.alloc(isLong ? 8 : 6);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(0x80 | (isLong ? 126 : payload.length), 1);
  if (isLong) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
