import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { PATHS } from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { startServer } from '../start-server.ts';
import { watchSocket } from '../watch-socket.ts';

const SECRET = 'taapi-secret-93d1c07e5b';

type Fault = NonNullable<Parameters<RunningSimulator['setFaults']>[0][string]>;

/** What TAAPI may do with a request that has the secret in its address; some send the address back. */
const FAULTS: readonly [name: string, fault: Fault | null][] = [
  ['answers well', null],
  ['refuses it', { status: 401, body: { message: `not authenticated: secret=${SECRET}` } }],
  ['is broken', { status: 500, body: `GET /rsi?secret=${SECRET} failed` }],
  ['sends a page', { html: true }],
  ['echoes it as JSON', { body: { error: `bad request /rsi?secret=${SECRET}` } }],
  ['redirects with it', { redirectTo: `http://127.0.0.1:9/rsi?secret=${SECRET}` }],
  ['resets the connection', { reset: true }],
  ['says nothing in time', { delayMs: 3000 }],
];

describe('the secret appears in no log line, answer, header, frame or page when TAAPI', () => {
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await startSimulator({ seed: 5 });
  });
  afterAll(() => simulator.stop());

  for (const [name, fault] of FAULTS) {
    test(name, async () => {
      await simulator.clearRequests();
      await simulator.setFaults({ '/rsi': fault });
      const server = await startServer({
        environment: {
          ...simulator.environment,
          ...POLLED_ONLY,
          TAAPI_SECRET: SECRET,
          UPSTREAM_TIMEOUT_MS: '500',
          REFRESH_MIN_INTERVAL_SECONDS: '1',
          LOG_LEVEL: 'trace',
        },
      });
      const socket = await watchSocket(server.socketUrl);
      await socket.find(({ text }) => /"taapi":\{"state":"[a-z_]+"/.test(text));
      const paths = [PATHS.page, PATHS.summary, PATHS.ready, PATHS.refresh, '/no/such/path'];
      const answers = await Promise.all(
        paths.map(async (path) => {
          const response = await fetch(server.url + path);
          return JSON.stringify([...response.headers]) + (await response.text());
        }),
      );
      socket.close();
      await server.stop();

      const { requests } = await simulator.requests();
      expect(requests.some(({ query }) => query.secret === SECRET)).toBe(true);
      expect(server.logLines().length).toBeGreaterThan(2);
      expect(server.output()).not.toContain(SECRET);
      expect(answers.join('')).not.toContain(SECRET);
      expect(socket.frames.map(({ text }) => text).join('')).not.toContain(SECRET);
    });
  }
});
