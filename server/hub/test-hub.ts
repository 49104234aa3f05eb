/** A hub on a real server on loopback, with a broker and a clock that a test moves by hand. */

import type { ServerWebSocket } from 'bun';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import { createTestBroker, type TestBroker } from '../broker/test-broker.ts';
import type { Hub } from './hub.ts';
import { createHub, type HubOptions, type SocketState } from './socket-hub.ts';

/** A hub and all its surroundings. */
export interface TestHub {
  readonly hub: Hub<SocketState>;
  readonly broker: TestBroker;
  readonly clock: ManualClock;
  readonly port: number;
  readonly url: string;
  /** The sockets as the server sees them, in the order they were opened; closed ones too. */
  readonly sockets: readonly ServerWebSocket<SocketState>[];
  /** How many frames of any kind the hub has heard. */
  heard(): number;
  /** Messages of the log. */
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

const DEFAULTS: HubOptions = {
  maxConnections: 10_000,
  maxConnectionsPerIp: 10_000,
  slowClientTimeoutMs: 30_000,
  appVersion: '1.2.3',
  pollIntervalS: 30,
};

/** Starts a hub on a free port. */
export function startTestHub(options: Partial<HubOptions> = {}): TestHub {
  const broker = createTestBroker();
  const clock = createManualClock();
  const logged: string[] = [];
  const note = (_fields: object, message: string) => void logged.push(message);
  const log = { info: note, warn: note, error: note };
  const hub = createHub({ broker, clock, log }, { ...DEFAULTS, ...options });
  const { websocket } = hub;
  const sockets: ServerWebSocket<SocketState>[] = [];
  let heard = 0;
  const server = Bun.serve<SocketState>({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request, self) {
      const admission = hub.admit('127.0.0.1');
      if (!admission.admitted) return new Response(null, { status: admission.status });
      if (self.upgrade(request, { data: hub.socketData('127.0.0.1') })) return undefined;
      hub.giveBack('127.0.0.1');
      return new Response(null, { status: 400 });
    },
    websocket: {
      ...websocket,
      open(socket) {
        sockets.push(socket);
        return websocket.open?.(socket);
      },
      message(socket, message) {
        heard++;
        return websocket.message?.(socket, message);
      },
      ping(socket, data) {
        heard++;
        return websocket.ping?.(socket, data);
      },
      pong(socket, data) {
        heard++;
        return websocket.pong?.(socket, data);
      },
    },
  });
  hub.start(server);
  const port = server.port ?? 0;
  return {
    hub,
    broker,
    clock,
    port,
    url: `ws://127.0.0.1:${port}/`,
    sockets,
    heard: () => heard,
    logged,
    async stop() {
      hub.close(1001);
      await server.stop(true);
    },
  };
}
