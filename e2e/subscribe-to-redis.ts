/** Messages of one channel of a Redis as they come, however often it goes away and comes back. */

import { connect, type Socket } from 'node:net';
import { encodeCommand, type RedisReply, readReply } from './redis-command.ts';

/** A subscription that lasts until it is closed. */
export interface RedisSubscription {
  /** Whether messages would be heard now. */
  isHeard(): boolean;
  close(): void;
}

/** Until a connection that broke is tried again: what is said meanwhile is missed. */
const RECONNECT_MS = 25;

/**
 * Listens by pattern, which Redis does not count among a channel's subscribers: the nodes do, and go by it.
 * @param url `redis://`, with a password where one is needed
 * @param channel without characters that mean something in a pattern
 */
export function subscribeToRedis(
  url: string,
  channel: string,
  onMessage: (message: string) => void,
): RedisSubscription {
  const { hostname, port, username, password } = new URL(url);
  const user = username === '' ? [] : [username];
  const auth = password === '' ? [] : [['AUTH', ...user, password].map(decodeURIComponent)];
  let socket: Socket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isHeard = false;
  let isClosed = false;

  const hear = (reply: RedisReply) => {
    if (!Array.isArray(reply)) return;
    const [kind, , , message] = reply;
    if (kind === 'psubscribe') isHeard = true;
    if (kind === 'pmessage') onMessage(String(message));
  };
  const open = () => {
    let received: Buffer = Buffer.alloc(0);
    const opened = connect(Number(port), hostname);
    socket = opened;
    for (const command of [...auth, ['PSUBSCRIBE', channel]]) opened.write(encodeCommand(command));
    opened.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        for (let read = readReply(received, 0); read; read = readReply(received, 0)) {
          received = received.subarray(read.end);
          hear(read.reply);
        }
      } catch {
        // Redis refuses, for now: tried again like one that is away.
        opened.destroy();
      }
    });
    opened.on('error', () => {});
    opened.on('close', () => {
      isHeard = false;
      if (!isClosed) timer = setTimeout(open, RECONNECT_MS);
    });
  };
  open();
  return {
    isHeard: () => isHeard,
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}
