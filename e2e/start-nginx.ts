/** Starts a real nginx on `deploy/nginx.conf`, with nothing changed but where things are. */

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blocksOf } from './blocks-of.ts';
import { endWithParent } from './end-with-parent.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/** How an nginx is started. */
export interface NginxOptions {
  /** Ports of three nodes on loopback. */
  readonly nodePorts: readonly [number, number, number];
  /** Seconds of silence after which it cuts a WebSocket, in place of the file's. */
  readonly socketIdleS?: number;
  /** Paths of PEM files: it speaks TLS as well, by the lines that `deploy/README.md` has for that. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** An nginx that runs. */
export interface RunningNginx {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly socketUrl: string;
  readonly port: number;
  /** `https://127.0.0.1:PORT`; `null` without `tls`. */
  readonly secureUrl: string | null;
  /** What it complained of so far. */
  output(): string;
  /** Ends it and its workers, and removes what it wrote. */
  stop(): Promise<void>;
}

/** The file of the deployment. */
export const NGINX_CONF = fileURLToPath(new URL('../deploy/nginx.conf', import.meta.url));

const DEPLOY_README = fileURLToPath(new URL('../deploy/README.md', import.meta.url));

/** A start takes 20 ms; this is for a machine that is busy. */
const START_TIMEOUT_MS = 10_000;
/** All the kinds of folders nginx makes at its start, used or not. */
const TEMP_KINDS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** @throws Error with what nginx wrote when it does not come up, or when the file has not what is to be replaced */
export async function startNginx(options: NginxOptions): Promise<RunningNginx> {
  const port = await freePort();
  const securePort = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'marketcast-nginx-'));
  const pidFile = join(dir, 'nginx.pid');
  // Its workers are another user where the tests are root.
  chmodSync(dir, 0o755);
  const ports = { port, securePort };
  const configuration = configurationFor(readFileSync(NGINX_CONF, 'utf8'), ports, dir, options);
  writeFileSync(join(dir, 'nginx.conf'), configuration);
  const child = Bun.spawn(
    [nginxPath(), '-p', dir, '-c', 'nginx.conf', '-e', 'stderr', '-g', foreground(pidFile)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  // Its workers are its own to end.
  const unwatch = endWithParent(child.pid, 'TERM');
  let output = '';
  const read = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) output += decoder.decode(chunk, { stream: true });
  })();
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.all([child.exited, read]);
    unwatch();
    rmSync(dir, { recursive: true, force: true });
  };
  // Written once it listens.
  const isUp = () => existsSync(pidFile);
  await until(() => isUp() || child.exitCode !== null, Boolean, START_TIMEOUT_MS).catch(() => {});
  if (child.exitCode !== null || !isUp()) {
    await stop();
    throw new Error(`nginx did not come up:\n${output}`);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    socketUrl: `ws://127.0.0.1:${port}/ws`,
    port,
    secureUrl: options.tls === undefined ? null : `https://127.0.0.1:${securePort}`,
    output: () => output,
    stop,
  };
}

const foreground = (pidFile: string) => `daemon off; pid ${pidFile};`;

/** Systems keep it where only root's PATH leads. */
function nginxPath(): string {
  const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`;
  const path = Bun.which('nginx', { PATH });
  if (path === null) throw new Error('nginx is missing: npm run check installs it or says how');
  return path;
}

function configurationFor(
  text: string,
  { port, securePort }: { readonly port: number; readonly securePort: number },
  dir: string,
  { nodePorts, socketIdleS, tls }: NginxOptions,
): string {
  const temps = TEMP_KINDS.map((kind) => `${kind}_temp_path ${join(dir, kind)};`).join(' ');
  const replacements: [string, string][] = [
    ...(tls === undefined ? [] : tlsReplacements(tls, securePort)),
    ['listen 8080;', `listen 127.0.0.1:${port};`],
    ['\nhttp {\n', `\nhttp {\n${temps}\n`],
    ...nodePorts.map((node, index): [string, string] => [
      `server node-${index + 1}:8000 `,
      `server 127.0.0.1:${node} `,
    ]),
  ];
  if (socketIdleS !== undefined) {
    replacements.push(['proxy_read_timeout 60s;', `proxy_read_timeout ${socketIdleS}s;`]);
  }
  return replacements.reduce((done, [from, to]) => replaceOnce(done, from, to), text);
}

/** The lines of the README beneath the first `listen`, with nothing changed but where things are. */
function tlsReplacements(
  { certFile, keyFile }: NonNullable<NginxOptions['tls']>,
  securePort: number,
): [string, string][] {
  const [lines = ''] = blocksOf(DEPLOY_README, 'nginx').filter((text) => text.includes(' ssl;'));
  return [
    ['listen 8080;', `listen 8080;\n${lines}`],
    ['listen 8443 ssl;', `listen 127.0.0.1:${securePort} ssl;`],
    ['/etc/nginx/tls/fullchain.pem', certFile],
    ['/etc/nginx/tls/privkey.pem', keyFile],
  ];
}

function replaceOnce(text: string, from: string, to: string): string {
  const [before, after, ...more] = text.split(from);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `deploy/nginx.conf, or what is added to it, must hold this once: ${from.trim()}`,
    );
  }
  return before + to + after;
}
