import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { PATHS } from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import { shakeHands } from '../handshake.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { type RunningNginx, startNginx } from '../start-nginx.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { until } from '../until.ts';
import { watchSocket } from '../watch-socket.ts';

/** What the proxy's side of the nodes' connections has. */
const PROXY = '127.0.0.1';
const NOWHERE = 9;

let simulator: RunningSimulator;
/** Knows the proxy; one socket for each address. */
let knowing: RunningServer;
/** Was not told of it. */
let unknowing: RunningServer;
let nginx: RunningNginx;
let nginxOfUnknowing: RunningNginx;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 7 });
  await simulator.setMarket({ frozen: true, btc_price_usd: 77_705 });
  const environment = {
    ...simulator.environment,
    ...POLLED_ONLY,
    REFRESH_MIN_INTERVAL_SECONDS: '1',
    MAX_CONNECTIONS_PER_IP: '1',
  };
  [knowing, unknowing] = await Promise.all([
    startServer({ environment: { ...environment, TRUSTED_PROXIES: PROXY } }),
    startServer({ environment }),
  ]);
  // Two of three are not there: nobody may notice.
  nginx = await startNginx({ nodePorts: [NOWHERE, knowing.port, NOWHERE] });
  nginxOfUnknowing = await startNginx({ nodePorts: [unknowing.port, NOWHERE, NOWHERE] });
  const hasFigures = async (url: string) => (await fetch(url + PATHS.summary)).status === 200;
  await until(() => hasFigures(knowing.url), Boolean);
});

afterAll(async () => {
  await nginx?.stop();
  await nginxOfUnknowing?.stop();
  await knowing?.stop();
  await unknowing?.stop();
  await simulator?.stop();
});

/** What a node says of an answer, without what is the connection's own. */
async function answerOf(url: string, headers: Record<string, string>) {
  const response = await fetch(url, { headers, redirect: 'manual', decompress: false });
  const fields = Object.fromEntries(response.headers);
  for (const name of ['connection', 'date', 'keep-alive', 'server', 'transfer-encoding']) {
    delete fields[name];
  }
  return { status: response.status, fields, body: await response.bytes() };
}

describe('what comes through nginx', () => {
  test.each([
    ['the way to the page', '/', {}],
    ['the summary', PATHS.summary, {}],
    ['the summary, compressed', PATHS.summary, { 'accept-encoding': 'gzip' }],
    ['a file', PATHS.client, { 'accept-encoding': 'gzip, br' }],
    ['what is not there', '/nothing', {}],
    ['a handshake that is none', PATHS.socket, {}],
  ])('is byte for byte what the node answers: %s', async (_what, path, headers) => {
    const through = await answerOf(nginx.url + path, headers);
    expect(through).toEqual(await answerOf(knowing.url + path, headers));
  });

  test('is the page with its figures, and compressed where the browser can', async () => {
    const response = await fetch(`${nginx.url}${PATHS.page}?lang=en`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toContain('77,705');
  });

  test('is not sent again to whoever has it', async () => {
    const etag = (await fetch(nginx.url + PATHS.summary)).headers.get('etag') ?? '';
    const again = await fetch(nginx.url + PATHS.summary, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  test('reaches a socket at once: the document, and what a refresh brings', async () => {
    const socket = await watchSocket(nginx.socketUrl);
    await socket.find(({ frame }) => frame?.type === 'dashboard_update');
    await simulator.setMarket({ btc_price_usd: 81_234.5 });
    const refresh = () => fetch(nginx.url + PATHS.refresh, { method: 'POST' });
    await until(
      async () => (await refresh()).status,
      (status) => status === 200,
    );
    const answeredAt = performance.now();
    const seen = await socket.find(
      ({ frame }) => frame?.type === 'dashboard_update' && frame.data.btc_price_usd === 81_234.5,
    );
    // The deadline of a socket without a proxy, with three times the slack.
    expect(seen.atMs - answeredAt).toBeLessThan(300);
    socket.close();
    await socket.closed;
    await noSockets(knowing);
  });

  test("is not a node's own business", async () => {
    expect((await fetch(nginx.url + PATHS.metrics)).status).toBe(404);
    expect((await fetch(nginx.url + PATHS.ready)).status).toBe(200);
  });
});

const noSockets = (server: RunningServer) =>
  until(
    async () => (await (await fetch(server.url + PATHS.ready)).json()).sockets,
    (sockets) => sockets === 0,
  );

describe('a browser behind nginx', () => {
  test('opens sockets from the page it was given, and from no other', async () => {
    const status = async (origin: string, more: Record<string, string> = {}) => {
      const headers = { Origin: origin, ...more };
      const { status, close } = await shakeHands({ port: nginx.port, headers });
      close();
      await noSockets(knowing);
      return status;
    };
    expect(await status(nginx.url)).toBe(101);
    expect(
      await status(`http://localhost:${nginx.port}`, { Host: `localhost:${nginx.port}` }),
    ).toBe(101);
    expect(await status('https://evil.example')).toBe(403);
    expect(await status(`https://127.0.0.1:${nginx.port}`)).toBe(403);
    expect(await status(knowing.url)).toBe(403);
    // Nor by naming itself what the node would believe of a proxy.
    const forged = { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' };
    expect(await status('https://evil.example', forged)).toBe(403);
  });
});

describe('the address of a visitor behind nginx', () => {
  test('is his own, whatever he says', async () => {
    const open = (from: string, headers: Record<string, string> = {}) =>
      shakeHands({ port: nginx.port, from, headers });
    const first = await open('127.0.0.2');
    const second = await open('127.0.0.2', { 'X-Forwarded-For': '203.0.113.7' });
    const third = await open('127.0.0.2', { 'X-Forwarded-For': `203.0.113.8, ${PROXY}` });
    const other = await open('127.0.0.3', { 'X-Forwarded-For': '127.0.0.2' });
    const statuses = [first, second, third, other].map(({ status }) => status);
    for (const { close } of [first, second, third, other]) close();
    expect(statuses).toEqual([101, 429, 429, 101]);
    expect(knowing.output()).not.toContain('X-Forwarded');
  });

  test('is not known to a node that was not told of nginx, which says so once', async () => {
    const open = (from: string) => shakeHands({ port: nginxOfUnknowing.port, from });
    const first = await open('127.0.0.2');
    const other = await open('127.0.0.3');
    for (const { close } of [first, other]) close();
    expect([first.status, other.status]).toEqual([101, 429]);
    const warnings = () =>
      unknowing.logLines().filter(({ msg }) => String(msg).includes('TRUSTED_PROXIES'));
    await until(
      () => warnings().length,
      (count) => count > 0,
    );
    await (await fetch(nginxOfUnknowing.url + PATHS.page)).text();
    expect(warnings()).toHaveLength(1);
  });
});

describe('a visitor who means ill', () => {
  /** The first line of the answer to whatever is sent. */
  const tell = (bytes: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(nginx.port, '127.0.0.1', () => socket.write(bytes));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        if (text.includes('\r\n')) socket.destroy();
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''));
    });
  const request = (line: string, ...fields: string[]) => [line, ...fields, '', ''].join('\r\n');
  const GET = 'GET / HTTP/1.1';
  const HOST = 'Host: x';
  const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const times = <T>(count: number, make: (index: number) => T) =>
    Array.from({ length: count }, (_, index) => make(index));

  test.each([
    ['headers of 30 kB', request(GET, HOST, ...times(4, (n) => `X-${n}: ${'x'.repeat(7500)}`))],
    ['a thousand headers', request(GET, HOST, ...times(999, (n) => `X-${n}: x`))],
    ['a header that is none', request(GET, HOST, 'X: \x01\x02\x7f\u00ff', 'Y Z: 1')],
    ['an address of 8 kB', request(`GET /${'a'.repeat(8000)} HTTP/1.1`, HOST)],
    ['an address that is none', request('GET /%zz%ff?\u00ff HTTP/1.1', HOST)],
    ['an address elsewhere', request('GET http://evil.example/ws HTTP/1.1', HOST)],
    ['no address', request('OPTIONS * HTTP/1.1', HOST)],
    ['a body', request('POST / HTTP/1.1', HOST, 'Content-Length: 65536') + 'b'.repeat(65_536)],
    ['a body too large', request('POST / HTTP/1.1', HOST, 'Content-Length: 65537')],
    [
      'a body of two lengths',
      request(GET, HOST, 'Content-Length: 1', 'Transfer-Encoding: chunked'),
    ],
    ['TRACE', request('TRACE / HTTP/1.1', HOST)],
    ['a method of his own', request('STEAL / HTTP/1.1', HOST)],
    ['a host that is none', request('GET /crypto_report HTTP/1.1', 'Host: a_b..c:99999')],
    ['no host', request('GET /crypto_report HTTP/1.0')],
    ['a handshake without a key', request('GET /ws HTTP/1.1', HOST, ...UPGRADE)],
    [
      'a handshake with a bad key',
      request('GET /ws HTTP/1.1', HOST, ...UPGRADE, 'Sec-WebSocket-Key: x'),
    ],
    ['a handshake by POST', request('POST /ws HTTP/1.1', HOST, ...UPGRADE, 'Content-Length: 0')],
    [
      'a handshake to something else',
      request('GET /ws HTTP/1.1', HOST, 'Connection: Upgrade', 'Upgrade: h2c'),
    ],
  ])('takes no node away from the others with %s', async (_what, bytes) => {
    // A node that fails once is left out: with the two that are not there, nobody would be left.
    const line = await tell(bytes);
    expect(line).toMatch(/^HTTP\/1\.1 [1-4]\d\d /);
    expect((await fetch(nginx.url + PATHS.summary)).status).toBe(200);
  });
});
