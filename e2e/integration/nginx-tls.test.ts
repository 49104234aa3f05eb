import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PATHS } from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import { shakeHands } from '../handshake.ts';
import { type Certificates, makeCertificates } from '../make-certificates.ts';
import { POLLED_ONLY } from '../polled-only.ts';
import { NGINX_CONF, type RunningNginx, startNginx } from '../start-nginx.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { until } from '../until.ts';

let certificates: Certificates;
let simulator: RunningSimulator;
let node: RunningServer;
let nginx: RunningNginx;
let secureUrl: string;

beforeAll(async () => {
  certificates = makeCertificates();
  simulator = await startSimulator({ seed: 7 });
  node = await startServer({
    environment: { ...simulator.environment, ...POLLED_ONLY, TRUSTED_PROXIES: '127.0.0.1' },
  });
  const summary = async () => (await fetch(node.url + PATHS.summary)).status;
  await until(summary, (status) => status === 200);
  const { port } = node;
  nginx = await startNginx({ nodePorts: [port, port, port], tls: certificates });
  secureUrl = nginx.secureUrl ?? '';
});

afterAll(async () => {
  await nginx?.stop();
  await node?.stop();
  await simulator?.stop();
  certificates?.remove();
});

const authority = () => readFileSync(certificates.caFile, 'utf8');

/** What becomes of a handshake through TLS that a page of `origin` begins. */
async function shakeHandsFrom(origin: string): Promise<number> {
  const port = Number(new URL(secureUrl).port);
  const { status, close } = await shakeHands({
    port,
    caPem: authority(),
    headers: { Origin: origin },
  });
  close();
  return status;
}

describe('nginx with the lines of deploy/README.md for TLS', () => {
  test('serves the page over TLS, and sockets to the page of that address alone', async () => {
    const page = await fetch(secureUrl + PATHS.page, { tls: { ca: authority() } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Marketcast');
    expect(await shakeHandsFrom(secureUrl)).toBe(101);
    expect(await shakeHandsFrom(secureUrl.replace('https:', 'http:'))).toBe(403);
    expect(await shakeHandsFrom('https://evil.example')).toBe(403);
  });

  test('still answers the health check of docker-compose.yml', async () => {
    const compose = readFileSync(
      fileURLToPath(new URL('../../docker-compose.yml', import.meta.url)),
      'utf8',
    );
    const asked = /'http:\/\/127\.0\.0\.1:(\d+)(\/\w+)'/.exec(compose);
    expect(readFileSync(NGINX_CONF, 'utf8')).toContain(`listen ${asked?.[1]};`);
    expect((await fetch(`${nginx.url}${asked?.[2]}`)).status).toBe(200);
  });
});

test('the lines for three nodes of this machine name those of the README', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const [, script = ''] =
    /^(sed -E .* deploy\/nginx\.conf) >/m.exec(readFileSync(`${root}deploy/README.md`, 'utf8')) ??
    [];
  const edited = await new Response(
    Bun.spawn(['sh', '-euc', script], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] }).stdout,
  ).text();
  const servers = [...edited.matchAll(/^\s*server (\S+) /gm)].map(([, server]) => server);
  const commands = readFileSync(`${root}README.md`, 'utf8').matchAll(/^REDIS_URL=.* PORT=(\d+) /gm);
  expect(servers).toEqual([...commands].map(([, port]) => `127.0.0.1:${port}`));
  expect(servers).toHaveLength(3);
  const original = readFileSync(NGINX_CONF, 'utf8').split('\n');
  const changed = edited.split('\n').filter((line, index) => line !== original[index]);
  expect(changed).toHaveLength(3);
});
