import { expect, test } from 'bun:test';
import { ORIGINAL_KEYS, PATHS } from '../../contract/index.ts';
import { startSimulator } from '../../simulator/launch.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { startServer } from '../start-server.ts';

/**
 * A client as it was written for the first version of the protocol: it knows `dashboard_update` and seven keys, sends
 * `ping` as plain text, and ignores whatever else comes.
 */
function createFirstClient(url: string) {
  const shown: Record<string, unknown> = {};
  let updates = 0;
  let pongs = 0;
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    if (data === 'pong') {
      pongs += 1;
      return;
    }
    const message = JSON.parse(String(data));
    if (message.type !== 'dashboard_update') return;
    updates += 1;
    for (const key of ORIGINAL_KEYS) shown[key] = message.data[key];
  };
  const opened = new Promise((resolve) => socket.addEventListener('open', resolve));
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
  return {
    shown,
    counts: () => ({ updates, pongs }),
    ping: () => socket.send('ping'),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    close: () => socket.close(),
    opened,
    closed,
  };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not in 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a client of the first protocol version works: first figures, new ones, ping and pong', async () => {
  const simulator = await startSimulator({ seed: 11 });
  await simulator.setMarket({ frozen: true, btc_price_usd: 70_000, fng_value: 26 });
  const server = await startServer({
    environment: {
      ...simulator.environment,
      ...POLLED_ONLY,
      FETCH_INTERVAL_SECONDS: '1',
      REFRESH_MIN_INTERVAL_SECONDS: '1',
    },
  });
  const client = createFirstClient(server.socketUrl);
  await client.opened;
  await until(() => client.shown.btc_price_usd === 70_000, 'the first price');
  expect(client.shown.fng_value).toBe(26);
  for (const key of ORIGINAL_KEYS) expect(client.shown[key]).not.toBeNull();

  await simulator.setMarket({ btc_price_usd: 71_000.25 });
  await until(() => client.shown.btc_price_usd === 71_000.25, 'the next price, without any patch');
  const summary = await (await fetch(server.url + PATHS.summary)).json();
  expect(summary).toMatchObject({ btc_price_usd: 71_000.25 });

  client.ping();
  await until(() => client.counts().pongs === 1, 'a pong');
  expect(client.isOpen()).toBe(true);
  client.close();
  await client.closed;
  await server.stop();
  await simulator.stop();
}, 30_000);
