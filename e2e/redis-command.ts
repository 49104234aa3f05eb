/** Redis's protocol, as much as a test needs: one command over a connection of its own, under a deadline. */

import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** An answer of Redis. Errors are thrown instead, also those inside of a list. */
export type RedisReply = string | number | null | readonly RedisReply[];

/** Where a command goes. */
export interface RedisAddress {
  readonly port: number;
  /** Certificate of the authority that signed the server's; without it the connection is plain. */
  readonly caPem?: string;
  readonly username?: string;
  readonly password?: string;
}

/** Redis answered with an error. */
export class RedisError extends Error {}

/** A Redis on loopback answers within a millisecond; a frozen one never. */
export const COMMAND_TIMEOUT_MS = 2000;
/** Far above any answer to a test; what is longer is not read. */
const MAX_REPLY_BYTES = 16_777_216;

/**
 * Sends one command and waits for its answer.
 * @throws RedisError with what Redis says · Error when it does not answer in time, or the connection breaks
 */
export async function sendToRedis(
  address: RedisAddress,
  args: readonly string[],
  timeoutMs = COMMAND_TIMEOUT_MS,
): Promise<RedisReply> {
  const { username, password } = address;
  const user = username === undefined ? [] : [username];
  const commands = password === undefined ? [args] : [['AUTH', ...user, password], args];
  const replies = await exchange(address, commands, timeoutMs);
  const reply = replies.at(-1);
  if (reply === undefined) throw new Error('no answer');
  return reply;
}

function exchange(
  { port, caPem }: RedisAddress,
  commands: readonly (readonly string[])[],
  timeoutMs: number,
): Promise<RedisReply[]> {
  const host = '127.0.0.1';
  const socket: Socket =
    caPem === undefined ? connectPlain(port, host) : connectTls({ port, host, ca: caPem });
  return new Promise<RedisReply[]>((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const name = commands.at(-1)?.[0];
    const timer = setTimeout(
      () => reject(new Error(`${name}: no answer in ${timeoutMs} ms`)),
      timeoutMs,
    );
    const end = () => clearTimeout(timer);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > MAX_REPLY_BYTES) reject(new Error(`${name}: the answer is too long`));
      try {
        const replies = readReplies(received, commands.length);
        if (replies !== null) resolve(replies);
      } catch (error) {
        reject(error);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      end();
      reject(new Error(`${name}: the connection was closed`));
    });
    for (const command of commands) socket.write(encodeCommand(command));
  }).finally(() => socket.destroy());
}

/** A command as a list of strings. */
export const encodeCommand = (args: readonly string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;

/** `null` while they are not all there. */
function readReplies(bytes: Buffer, count: number): RedisReply[] | null {
  const replies: RedisReply[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const read = readReply(bytes, at);
    if (read === null) return null;
    replies.push(read.reply);
    at = read.end;
  }
  return replies;
}

/** An answer in what was received. */
export interface ReadReply {
  readonly reply: RedisReply;
  /** Where the next one begins. */
  readonly end: number;
}

/**
 * The answer that begins at `at`; `null` while it is not all there.
 * @throws RedisError when it is one
 */
export function readReply(bytes: Buffer, at: number): ReadReply | null {
  const lineEnd = bytes.indexOf('\r\n', at);
  if (lineEnd < 0) return null;
  const kind = bytes.toString('latin1', at, at + 1);
  const line = bytes.toString('utf8', at + 1, lineEnd);
  const end = lineEnd + 2;
  if (kind === '+') return { reply: line, end };
  if (kind === '-') throw new RedisError(line);
  if (kind === ':') return { reply: Number(line), end };
  const length = Number(line);
  if (length < 0) return { reply: null, end };
  if (kind === '$') return readText(bytes, end, length);
  if (kind === '*') return readList(bytes, end, length);
  throw new Error(`an answer of an unknown kind: ${kind}`);
}

const readText = (bytes: Buffer, at: number, length: number): ReadReply | null =>
  bytes.length < at + length + 2
    ? null
    : { reply: bytes.toString('utf8', at, at + length), end: at + length + 2 };

function readList(bytes: Buffer, from: number, length: number): ReadReply | null {
  const list: RedisReply[] = [];
  let at = from;
  for (let index = 0; index < length; index++) {
    const item = readReply(bytes, at);
    if (item === null) return null;
    list.push(item.reply);
    at = item.end;
  }
  return { reply: list, end: at };
}
