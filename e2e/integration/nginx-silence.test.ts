import { afterEach, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { NO_UPSTREAMS } from '../no-upstreams.ts';
import { NGINX_CONF, startNginx } from '../start-nginx.ts';
import { startServer } from '../start-server.ts';
import { watchSocket } from '../watch-socket.ts';

/** How often the hub pings every socket, s. */
const PING_INTERVAL_S = 25;
/** In place of the file's minute: three pings of time become little more than one, and the test is shorter by as much. */
const IDLE_S = 28;
/** Longer than nginx waits for a word, by what a busy machine may be late. */
const HELD_MS = (IDLE_S + 6) * 1000;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A node that speaks once and never pings. */
function startMute(): number {
  const mute = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('')),
    websocket: {
      idleTimeout: 0,
      sendPings: false,
      open: (socket) => void socket.send('{"type":"hello"}'),
      message() {},
    },
  });
  ends.push(() => mute.stop(true));
  return mute.port ?? 0;
}

test('the file allows for two lost pings and no more than that', () => {
  const heartbeat = readFileSync(new URL('../../server/hub/heartbeat.ts', import.meta.url), 'utf8');
  expect(heartbeat).toContain(`PING_INTERVAL_MS = ${PING_INTERVAL_S}_000`);
  const socket = readFileSync(NGINX_CONF, 'utf8').split('location = /ws {')[1] ?? '';
  const idleS = Number(/proxy_read_timeout (\d+)s;/.exec(socket)?.[1]);
  expect(idleS).toBeGreaterThan(2 * PING_INTERVAL_S);
  expect(idleS).toBeLessThan(3 * PING_INTERVAL_S);
});

/** When a socket through nginx is cut, ms after its last frame; `null` when it is not in `HELD_MS`. */
async function cutAfterMs(nodePort: number): Promise<number | null> {
  const nginx = await startNginx({
    nodePorts: [nodePort, nodePort, nodePort],
    socketIdleS: IDLE_S,
  });
  ends.push(nginx.stop);
  const socket = await watchSocket(nginx.socketUrl);
  ends.push(socket.close);
  const { atMs } = await socket.find(({ frame }) => frame?.type === 'hello');
  const held = new Promise<null>((resolve) => setTimeout(() => resolve(null), HELD_MS));
  const cut = socket.closed.then(() => performance.now() - atMs);
  const result = await Promise.race([cut, held]);
  // Nothing but pings can have kept it.
  expect(socket.frames.at(-1)?.frame?.type).toBe('hello');
  return result;
}

test(
  "a socket on which nothing happens stays, for the hub's pings alone; without them it would be cut",
  async () => {
    // Nobody has anything to say on it.
    const server = await startServer({ environment: NO_UPSTREAMS });
    ends.push(server.stop);
    const [pinged, mute] = await Promise.all([cutAfterMs(server.port), cutAfterMs(startMute())]);
    expect(pinged).toBeNull();
    expect(mute).toBeGreaterThan((IDLE_S - 1) * 1000);
  },
  HELD_MS + 30_000,
);
