import { expect, test } from 'bun:test';
import { PATHS } from '../../contract/index.ts';
import { startSimulator } from '../../simulator/launch.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { startServer } from '../start-server.ts';
import { watchSocket } from '../watch-socket.ts';

test('page and hello of a server name one version: the package’s, then that of the files', async () => {
  const simulator = await startSimulator({ seed: 7 });
  const server = await startServer({ environment: { ...simulator.environment, ...POLLED_ONLY } });
  const socket = await watchSocket(server.socketUrl);
  const { frame } = await socket.find((seen) => seen.frame?.type === 'hello');
  const version = frame?.type === 'hello' ? frame.app_version : '';
  expect(version).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]+$/);
  const page = await (await fetch(server.url + PATHS.page)).text();
  expect(page).toContain(`"appVersion":"${version}"`);
  socket.close();
  await server.stop();
  await simulator.stop();
});
