import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { createMarketcast, type Marketcast } from '../../client/index.ts';
import { PATHS } from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import { freePort } from '../free-port.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { type RunningNginx, startNginx } from '../start-nginx.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { until } from '../until.ts';

/** In `deploy/nginx.conf`: how long a node that failed is left out. */
const LEFT_OUT_MS = 5000;
/** And how long a silent node may take before another is asked. */
const SILENT_AFTER_MS = 5000;

let simulator: RunningSimulator;
const ports: number[] = [];
const nodes: RunningServer[] = [];
let nginx: RunningNginx;
const clients: Marketcast[] = [];

const startNode = async (port: number): Promise<RunningServer> => {
  const environment = {
    ...simulator.environment,
    ...POLLED_ONLY,
    PORT: String(port),
    TRUSTED_PROXIES: '127.0.0.1',
  };
  const node = await startServer({ environment });
  const summary = async () => (await fetch(node.url + PATHS.summary)).status;
  await until(summary, (status) => status === 200);
  return node;
};

beforeAll(async () => {
  simulator = await startSimulator({ seed: 7 });
  for (let n = 0; n < 3; n++) ports.push(await freePort());
  nodes.push(...(await Promise.all(ports.map(startNode))));
  const [first = 0, second = 0, third = 0] = ports;
  nginx = await startNginx({ nodePorts: [first, second, third] });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await until(sockets, (counts) => counts.every((count) => count === 0));
});

afterAll(async () => {
  await nginx?.stop();
  for (const node of nodes) {
    node.signal('SIGCONT');
    await node.stop();
  }
  await simulator?.stop();
});

/** Sockets of each node, `null` where nobody answers. */
const sockets = (): Promise<(number | null)[]> =>
  Promise.all(
    nodes.map(async ({ url }): Promise<number | null> => {
      const answer = await fetch(url + PATHS.ready).catch(() => null);
      return answer === null ? null : (await answer.json()).sockets;
    }),
  );

/** So many clients of the page's own kind, one after the other, each of them live. */
async function openClients(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    clients.push(createMarketcast({ url: nginx.url }));
    await allLive();
  }
}

const allLive = () =>
  until(
    () => clients.map((client) => client.current().link.state),
    (states) => states.every((state) => state === 'live'),
  );

const statusesOf = async (count: number, path: string): Promise<Set<number>> => {
  const answers = Array.from({ length: count }, () => fetch(nginx.url + path));
  return new Set((await Promise.all(answers)).map(({ status }) => status));
};

describe('three nodes behind nginx', () => {
  test('share the sockets evenly', async () => {
    await openClients(9);
    expect(await sockets()).toEqual([3, 3, 3]);
  });

  test('stand in for one that is stopped, and give way to it when it is back', async () => {
    await openClients(9);
    expect(await sockets()).toEqual([3, 3, 3]);
    await nodes[0]?.stop();
    expect(await statusesOf(30, PATHS.summary)).toEqual(new Set([200]));
    expect(await statusesOf(30, PATHS.page)).toEqual(new Set([200]));
    // Told to come back soon, its clients do, and find another node at once.
    await until(sockets, ([, second, third]) => (second ?? 0) + (third ?? 0) === 9);
    await allLive();

    nodes[0] = await startNode(ports[0] ?? 0);
    // It is empty, so whoever comes next is sent there, as soon as nginx has tried it.
    await until(
      async () => {
        await statusesOf(3, PATHS.health);
        await openClients(1);
        return (await sockets())[0] ?? 0;
      },
      (count) => count >= 2,
      LEFT_OUT_MS * 3,
    );
  });

  test('stand in for one that is killed or frozen, within seconds', async () => {
    nodes[0]?.signal('SIGKILL');
    await nodes[0]?.exited;
    expect(await statusesOf(30, PATHS.summary)).toEqual(new Set([200]));
    nodes[0] = await startNode(ports[0] ?? 0);

    nodes[1]?.signal('SIGSTOP');
    const begun = performance.now();
    const statuses = await statusesOf(30, PATHS.summary);
    nodes[1]?.signal('SIGCONT');
    expect(statuses).toEqual(new Set([200]));
    // With three times the slack.
    expect(performance.now() - begun).toBeLessThan(SILENT_AFTER_MS * 3);
  });
});

describe('a node that is lost while it is asked', () => {
  /** A node that hangs up on whoever asks it, as one does that is killed. */
  function startDying() {
    const asked: string[] = [];
    const server = Bun.listen<{ text: string }>({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        open: (socket) => {
          socket.data = { text: '' };
        },
        data(socket, chunk) {
          socket.data.text += chunk.toString('latin1');
          if (!socket.data.text.includes('\r\n\r\n')) return;
          asked.push(socket.data.text.split(' ', 1)[0] ?? '');
          socket.terminate();
        },
      },
    });
    return { port: server.port, asked, stop: () => server.stop(true) };
  }

  test('is replaced for a question, and never for a refresh that may have begun', async () => {
    const dying = [startDying(), startDying(), startDying()];
    const [first, second, third] = dying.map(({ port }) => port);
    const proxy = await startNginx({ nodePorts: [first ?? 0, second ?? 0, third ?? 0] });
    const asked = () => dying.flatMap((node) => node.asked);
    const post = await fetch(proxy.url + PATHS.refresh, { method: 'POST' });
    const askedByPost = asked();
    const get = await fetch(proxy.url + PATHS.summary);
    await proxy.stop();
    for (const node of dying) node.stop();
    expect(post.status).toBe(502);
    expect(askedByPost).toEqual(['POST']);
    expect(get.status).toBe(502);
    // One of the three had already failed.
    expect(asked()).toEqual(['POST', 'GET', 'GET']);
  });
});
