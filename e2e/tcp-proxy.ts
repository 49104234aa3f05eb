/** A TCP proxy on loopback that is slow, silent or gone on demand: the network between a node and its Redis. */

import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './free-port.ts';
import { createLane, type Lane } from './proxy-lane.ts';

/** A connection as the proxy sees it. */
export interface ProxiedConnection {
  /** From 1, in the order in which they came. */
  readonly id: number;
  /** Whether it has sent Redis's SUBSCRIBE, in any of its forms. */
  readonly isSubscriber: boolean;
}

/** What stands still; without anything all of it. */
export interface Freeze {
  /** Default `true`. */
  readonly toServer?: boolean;
  /** Default `true`. `{ toServer: false }` alone: commands are executed, their answers lost. */
  readonly toClient?: boolean;
  /** Which connections; asked anew for every piece, so that later ones may be among them. Default: all. */
  readonly only?: (connection: ProxiedConnection) => boolean;
}

/** A proxy that runs. */
export interface TcpProxy {
  /** Stays the same over `cut` and `heal`. */
  readonly port: number;
  /** Stands in for the target's own address, e.g. `url('redis')`. */
  url(scheme: string): string;
  /** Every byte takes this long each way, from now on; connecting takes no time. */
  setDelayMs(delayMs: number): void;
  /** Keeps connections but passes nothing; what comes is kept back, in order. Replaces a freeze that is on. */
  freeze(what?: Freeze): void;
  /** Passes on what was kept back, and everything after it. */
  thaw(): void;
  /** Destroys every connection, with what was kept back, and refuses new ones. */
  cut(): Promise<void>;
  /** Accepts connections again, and thaws; the delay stays. */
  heal(): Promise<void>;
  /** Destroys every connection; new ones are welcome. */
  killAll(): void;
  /** When it accepted each connection, `performance.now()`; the newest {@link MAX_ACCEPTED}. */
  accepted(): readonly number[];
  /** Those that are open on the client's side. */
  connections(): readonly ProxiedConnection[];
  /** Ends it for good. */
  stop(): Promise<void>;
}

interface Connection extends ProxiedConnection {
  readonly lanes: readonly Lane[];
  readonly isOpen: boolean;
  destroy(): void;
}

type Direction = 'toServer' | 'toClient';

const HOST = '127.0.0.1';

/** Times of connections that are remembered: an hour of several a second. */
export const MAX_ACCEPTED = 10_000;

/** @param targetPort of a server on 127.0.0.1; it need not listen yet */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const port = await freePort();
  const connections = new Set<Connection>();
  let delayMs = 0;
  let frozen: Freeze | null = null;
  let count = 0;
  const accepted: number[] = [];
  const isFrozen = (connection: ProxiedConnection, direction: Direction) =>
    frozen !== null && frozen[direction] !== false && (frozen.only?.(connection) ?? true);

  const accept = (client: Socket) => {
    accepted.push(performance.now());
    if (accepted.length > MAX_ACCEPTED) accepted.shift();
    const gate = { delayMs: () => delayMs, isFrozen };
    const connection = join(++count, client, targetPort, gate, () => {
      connections.delete(connection);
    });
    connections.add(connection);
  };
  const killAll = () => {
    for (const connection of [...connections]) connection.destroy();
  };
  const thaw = () => {
    frozen = null;
    for (const { lanes } of [...connections]) for (const lane of lanes) lane.pump();
  };
  const listen = () => listenOn(port, accept);
  let close = await listen();
  let isListening = true;
  const cut = async () => {
    killAll();
    if (isListening) await close();
    isListening = false;
  };
  return {
    port,
    url: (scheme) => `${scheme}://${HOST}:${port}`,
    setDelayMs(ms) {
      delayMs = ms;
    },
    freeze(what = {}) {
      thaw();
      frozen = what;
    },
    thaw,
    cut,
    async heal() {
      thaw();
      if (!isListening) close = await listen();
      isListening = true;
    },
    killAll,
    accepted: () => [...accepted],
    connections: () =>
      [...connections]
        .filter(({ isOpen }) => isOpen)
        .map(({ id, isSubscriber }) => ({ id, isSubscriber })),
    stop: cut,
  };
}

/** @returns a function that stops listening */
const listenOn = (port: number, accept: (client: Socket) => void): Promise<() => Promise<void>> =>
  new Promise((resolve, reject) => {
    // Each side may end what it has to say before the other.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    const close = () => new Promise<void>((closed) => server.close(() => closed()));
    server.once('error', reject);
    server.listen(port, HOST, () => resolve(close));
  });

interface ConnectionGate {
  delayMs(): number;
  isFrozen(connection: ProxiedConnection, direction: Direction): boolean;
}

/** Joins a client to the target, until both are closed. */
function join(
  id: number,
  client: Socket,
  targetPort: number,
  gate: ConnectionGate,
  onClosed: () => void,
): Connection {
  const server = connect({ port: targetPort, host: HOST, allowHalfOpen: true, noDelay: true });
  const watch = watchForSubscribe();
  const laneGate = (direction: Direction) => ({
    delayMs: gate.delayMs,
    isFrozen: () => gate.isFrozen(connection, direction),
  });
  const sockets = [client, server];
  const lanes: Lane[] = [];
  const connection: Connection = {
    id,
    get isSubscriber() {
      return watch.isSubscriber();
    },
    get isOpen() {
      return !client.destroyed;
    },
    lanes,
    destroy() {
      for (const lane of lanes) lane.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  client.on('data', watch.look);
  lanes.push(
    createLane(client, server, laneGate('toServer')),
    createLane(server, client, laneGate('toClient')),
  );
  for (const socket of sockets) {
    // A connection that breaks is closed next, which is all that matters here.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (sockets.every(({ destroyed }) => destroyed)) onClosed();
    });
  }
  return connection;
}

const SUBSCRIBE = /\$\d+\r\n[ps]?subscribe\r\n/i;
/** The longest form has fifteen bytes. */
const SUBSCRIBE_BYTES = 20;

/** Finds Redis's SUBSCRIBE in what a client sends, however it is cut into pieces. */
function watchForSubscribe() {
  let tail = '';
  let isSubscriber = false;
  return {
    isSubscriber: () => isSubscriber,
    look(chunk: Buffer) {
      if (isSubscriber) return;
      const text = tail + chunk.toString('latin1');
      isSubscriber = SUBSCRIBE.test(text);
      tail = text.slice(-SUBSCRIBE_BYTES);
    },
  };
}
