/** For tests: a whole server in this process, whose upstreams are the test's own. */

import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromETag, isNoPosition, NO_POSITION, PATHS, systemClock } from '../contract/index.ts';
import { until } from '../e2e/until.ts';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { startServer } from './main.ts';
import { noSocket, POLLED_ONLY } from './test-term.ts';

/** What a node is started with. */
export interface NodeOptions {
  readonly redisUrl: string;
  /** Kept by whoever gives it; without it a new one that is removed at the end. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A new folder for a node's data. */
export const newDataDir = (): string => mkdtempSync(join(tmpdir(), 'marketcast-node-'));

/** Bodies of upstreams that answer well. */
const BODIES: Readonly<Record<string, unknown>> = {
  '/api/v3/global': { data: { total_market_cap: { usd: 2.5e12 }, total_volume: { usd: 9e10 } } },
};

/** Starts one; upstreams answer with the market's figures and nothing else. */
export async function startTestNode({ redisUrl, env, ...options }: NodeOptions) {
  const dataDir = options.dataDir ?? newDataDir();
  const logFile = join(dataDir, `log-${crypto.randomUUID()}`);
  const { log, end } = createLog('debug', false, openSync(logFile, 'w'));
  /** Paths of the upstreams that were asked. */
  const calls: string[] = [];
  const config = readConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
    REDIS_URL: redisUrl,
    LEASE_TTL_MS: '2000',
    ...POLLED_ONLY,
    ...env,
  });
  const server = await startServer(config, {
    clock: systemClock,
    random: Math.random,
    async fetch(url) {
      const { pathname } = new URL(url);
      calls.push(pathname);
      const body = BODIES[pathname];
      return body === undefined ? new Response(null, { status: 503 }) : Response.json(body);
    },
    connect: noSocket,
    log,
    version: '0.0.0',
  });
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= server.stop());
  return {
    calls,
    dataDir,
    stop,
    async view() {
      const response = await get(PATHS.summary);
      const bytes = await response.text();
      return { position: fromETag(response.headers.get('etag')) ?? NO_POSITION, bytes };
    },
    async ready(): Promise<{ ready: boolean; degraded: string[] }> {
      return (await get(PATHS.ready)).json();
    },
    socket: () => new WebSocket(`ws://127.0.0.1:${server.port}${PATHS.socket}`),
    /** Stops it if it still runs, and removes what is its own. @returns everything it has logged */
    async end(): Promise<string> {
      await stop();
      await end();
      const text = readFileSync(logFile, 'utf8');
      rmSync(options.dataDir === undefined ? dataDir : logFile, { recursive: true });
      return text;
    },
  };
}

/** A node that runs. */
export type TestNode = Awaited<ReturnType<typeof startTestNode>>;

/** Resolves when it shows what the upstreams say. */
export const hasFigures = (node: TestNode) =>
  until(node.view, ({ bytes }) => bytes.includes(FIGURES));

/** Resolves when both show the same, with figures. */
export const inStep = (a: TestNode, b: TestNode) =>
  until(
    async () => [await a.view(), await b.view()],
    ([one, other]) =>
      one !== undefined &&
      !isNoPosition(one.position) &&
      one.bytes.includes(FIGURES) &&
      JSON.stringify(one) === JSON.stringify(other),
  );

const FIGURES = '"market_cap":2500000000000';
