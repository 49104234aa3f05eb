import { expect, test } from 'bun:test';
import { until } from './raw-client.ts';
import { startTestHub } from './test-hub.ts';

const SOCKETS = 2_000;

test('two thousand sockets connect and hear every version', async () => {
  const hub = startTestHub();
  hub.broker.change({ market_cap: 1 });
  let documents = 0;
  let patches = 0;
  const sockets = Array.from({ length: SOCKETS }, () => {
    const socket = new WebSocket(hub.url);
    socket.addEventListener('message', ({ data }) => {
      if (String(data).includes('"dashboard_update"')) documents++;
      if (String(data).includes('"dashboard_patch"')) patches++;
    });
    return socket;
  });
  await until(() => documents === SOCKETS, 'the first document of every socket');
  expect(hub.hub.stats().sockets).toBe(SOCKETS);

  const startedMs = performance.now();
  hub.broker.change({ market_cap: 2 });
  await until(() => patches === SOCKETS, 'the patch at every socket');
  const tookMs = performance.now() - startedMs;
  process.stdout.write(`a broadcast reached ${SOCKETS} sockets in ${tookMs.toFixed(0)} ms\n`);

  for (const socket of sockets) socket.close();
  await until(() => hub.hub.stats().sockets === 0, 'every socket counted out');
  expect(hub.hub.stats().framesPublished).toBe(2);
  await hub.stop();
});
