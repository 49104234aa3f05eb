import { describe, expect, test } from 'bun:test';
import { PATHS } from '../../contract/index.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const SITE = 'https://other.example';

const WELCOME = 'welcome';

/** Sends a handshake as its lines of bytes; reads until the socket is welcomed or the connection ends. */
async function shake(server: TestServer, lines: readonly string[], host = 'dash.example') {
  const request = [
    `GET ${PATHS.socket} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade, close',
    'Sec-WebSocket-Key: bWFya2V0Y2FzdCB0ZXN0cw==',
    'Sec-WebSocket-Version: 13',
    ...lines,
    '\r\n',
  ];
  const received = await server.raw(request.join('\r\n'), WELCOME);
  return { status: Number(received.slice(9, 12)), received };
}

describe('the handshake', () => {
  test('opens a socket of the hub for its own page, for listed sites, and for what is no browser', async () => {
    await using server = startTestServer({ allowedOrigins: [SITE] });
    for (const lines of [[], [`Origin: ${SITE}`], ['Origin: http://dash.example']]) {
      const { status, received } = await shake(server, lines);
      expect(status).toBe(101);
      expect(received).toContain(WELCOME);
    }
    expect(server.hub.admitted).toEqual(Array(3).fill('127.0.0.1'));
  });

  test.each([
    ['another site', ['Origin: https://evil.example']],
    ['another port', ['Origin: http://dash.example:81']],
    ['another scheme', ['Origin: https://dash.example']],
    ['a listed site with something after it', [`Origin: ${SITE}.evil`]],
    ['null', ['Origin: null']],
    ['nothing', ['Origin:']],
    ['two of them', [`Origin: ${SITE}`, 'Origin: https://evil.example']],
    ['the same twice', [`Origin: ${SITE}`, `Origin: ${SITE}`]],
    ['an empty one before', ['Origin:', `Origin: ${SITE}`]],
  ])('is 403 when the origin is %s', async (_what, lines) => {
    await using server = startTestServer({ allowedOrigins: [SITE] });
    const { status, received } = await shake(server, lines);
    expect(status).toBe(403);
    expect(received).toContain('"code":"forbidden"');
    expect(server.hub.admitted).toEqual([]);
  });

  test('takes the word of a trusted proxy for address and origin', async () => {
    const lines = [
      'Origin: https://dash.example',
      'X-Forwarded-For: 198.51.100.7',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: dash.example',
    ];
    await using trusting = startTestServer({ trustedProxies: ['127.0.0.0/8'] });
    expect((await shake(trusting, lines, 'inner:8000')).status).toBe(101);
    expect(trusting.hub.admitted).toEqual(['198.51.100.7']);
    await using wary = startTestServer();
    expect((await shake(wary, lines, 'inner:8000')).status).toBe(403);
    expect(wary.logged.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  test('is refused with Retry-After when the hub is full or the address has too many', async () => {
    await using server = startTestServer();
    for (const [status, retryAfterS] of [
      [429, 30],
      [503, 10],
    ] as const) {
      server.hub.answerAdmissions({ admitted: false, status, retryAfterS });
      const answer = await shake(server, []);
      expect(answer.status).toBe(status);
      expect(answer.received).toMatch(new RegExp(`^retry-after: ${retryAfterS}\r$`, 'im'));
      expect(answer.received).toContain('"code":"too_many_connections"');
    }
  });

  test('is 426 for what does not ask for a WebSocket of version 13', async () => {
    await using server = startTestServer();
    const plain = await server.get(PATHS.socket);
    expect(plain.status).toBe(426);
    expect(plain.headers.get('upgrade')).toBe('websocket');
    expect(await plain.json()).toMatchObject({ error: { code: 'upgrade_required' } });
    const old = await shake(server, ['Sec-WebSocket-Version: 8']);
    expect(old.status).toBe(426);
    expect(server.hub.admitted).toEqual([]);
  });

  test('is 400 when it is broken, and the place is given back', async () => {
    await using server = startTestServer();
    const received = await server.raw(
      `GET ${PATHS.socket} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    expect(received).toStartWith('HTTP/1.1 400');
    expect(received).toContain('"code":"bad_request"');
    expect(server.hub.admitted).toEqual(server.hub.givenBack);
    expect(server.hub.givenBack).toHaveLength(1);
  });
});
