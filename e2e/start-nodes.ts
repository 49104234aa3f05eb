/** Starts several real servers that share one Redis and one simulated market, and looks at them as one. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNoPosition } from '../contract/index.ts';
import type { RunningSimulator } from '../simulator/launch.ts';
import { POLLED_ONLY } from './polled-only.ts';
import { type NodeView, type RunningNode, startNode } from './start-node.ts';
import type { RunningRedis } from './start-redis.ts';
import type { ServerOptions } from './start-server.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

/** How nodes are started. */
export interface NodesOptions {
  readonly count: number;
  readonly simulator: RunningSimulator;
  /** Where the nodes meet; behind a proxy of its own for every node. */
  readonly redis: Pick<RunningRedis, 'url' | 'port' | 'command'>;
  /** `REDIS_URL` for all, without a proxy: of sentinels, of a cluster. `redis` is then who is asked for keys. */
  readonly redisUrl?: string;
  /** Variables of all nodes; they win. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What one node has besides, e.g. a clock of its own. */
  readonly besides?: (index: number) => Partial<Pick<ServerOptions, 'environment' | 'preload'>>;
}

/** The names that the nodes use in Redis. */
export interface NodeKeys {
  readonly document: string;
  readonly term: string;
  readonly lease: string;
  readonly refresh: string;
  readonly history: string;
  readonly updates: string;
}

/** Nodes that run. */
export interface RunningNodes {
  readonly nodes: readonly RunningNode[];
  readonly keys: NodeKeys;
  /** The node at `index`. @throws Error when there is none */
  node(index: number): RunningNode;
  /** The node whose term Redis knows and whose lease lives; `null` while there is none. */
  leader(): Promise<RunningNode | null>;
  /** The leader as soon as there is one, other than `than` if given. */
  newLeader(withinMs?: number, than?: RunningNode): Promise<RunningNode>;
  /** Nodes that say they lead, the frozen and the mistaken included. */
  claimants(): readonly RunningNode[];
  /** Resolves with what `of`, default all, show as soon as it is the same position and the same bytes on each. */
  inStep(withinMs?: number, of?: readonly RunningNode[]): Promise<NodeView>;
  /** One more node, with an empty `DATA_DIR`. */
  join(): Promise<RunningNode>;
  /** Rounds that the market has seen so far: every one asks once for the market's figures. */
  rounds(): Promise<number>;
  /** Ends all of it, Redis and the simulator apart. */
  end(): Promise<void>;
}

/** The route that every round asks exactly once. */
export const ROUND_ROUTE = '/api/v3/global';

/** Rounds follow each other quickly, so that a test sees many; figures then turn stale quickly as well. */
const DEFAULTS = {
  LOG_LEVEL: 'debug',
  FETCH_INTERVAL_SECONDS: '2',
  REFRESH_MIN_INTERVAL_SECONDS: '1',
} as const;

/** All nodes are started at the same moment; resolves when every one is up. */
export async function startNodes(options: NodesOptions): Promise<RunningNodes> {
  const { count, simulator, redis } = options;
  const folder = mkdtempSync(join(tmpdir(), 'marketcast-nodes-'));
  const prefix = `e2e-${crypto.randomUUID().slice(0, 8)}`;
  const proxies: TcpProxy[] = [];
  const proxyTo = async (port: number) => {
    const proxy = await startTcpProxy(port);
    proxies.push(proxy);
    return proxy;
  };
  const upstreamPort = Number(new URL(simulator.url).port);
  const start = async (index: number) => {
    const dataDir = join(folder, String(index));
    mkdirSync(dataDir);
    const [toRedis, toUpstreams] = [await proxyTo(redis.port), await proxyTo(upstreamPort)];
    const place = { index, toRedis, toUpstreams };
    const { environment, ...besides } = options.besides?.(index) ?? {};
    const own = { ...environmentOf(options, place), REDIS_PREFIX: prefix, ...environment };
    return startNode({ ...place, options: { dataDir, environment: own, ...besides } });
  };
  const starts = await Promise.allSettled(
    Array.from({ length: count }, (_, index) => start(index)),
  );
  const nodes = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const end = async () => {
    await Promise.all(nodes.map(({ server }) => server.stop()));
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed !== undefined) {
    await end();
    throw failed.reason;
  }
  const joinNode = async () => {
    const node = await start(nodes.length);
    nodes.push(node);
    return node;
  };
  return { nodes, ...together(nodes, simulator, redis, prefix), join: joinNode, end };
}

/** The simulator's own variables, with the node's proxies in the place of what is behind them. */
function environmentOf(
  { simulator, redis, redisUrl, environment }: NodesOptions,
  { toRedis, toUpstreams }: { readonly toRedis: TcpProxy; readonly toUpstreams: TcpProxy },
): Record<string, string> {
  const simulated = Object.entries(simulator.environment).map(([name, value]) => [
    name,
    value.replace(simulator.url, toUpstreams.url('http')),
  ]);
  const throughProxy = new URL(redis.url);
  throughProxy.port = String(toRedis.port);
  return {
    ...Object.fromEntries(simulated),
    ...POLLED_ONLY,
    ...DEFAULTS,
    REDIS_URL: redisUrl ?? throughProxy.href,
    ...environment,
  };
}

/** A simulated server keeps to names of its own. */
const keysOf = (prefix: string): NodeKeys => {
  const name = (last: string) => `{${prefix}-simulated}:${last}`;
  return {
    document: name('dashboard_summary'),
    term: name('term'),
    lease: name('lease'),
    refresh: name('refresh'),
    history: name('history'),
    updates: name('updates'),
  };
};

/** A takeover has seven seconds, an answer from a machine that is busy a few more. */
const LEADER_WITHIN_MS = 20_000;

function together(
  nodes: readonly RunningNode[],
  simulator: RunningSimulator,
  redis: NodesOptions['redis'],
  prefix: string,
): Omit<RunningNodes, 'nodes' | 'join' | 'end'> {
  const keys = keysOf(prefix);
  const leader = async () => {
    const [lease, term] = await Promise.all([
      redis.command('GET', keys.lease),
      redis.command('HGET', keys.term, 'term'),
    ]);
    if (lease === null || term === null) return null;
    return nodes.find((node) => node.ownTerm() === Number(term)) ?? null;
  };
  return {
    keys,
    node(index) {
      const found = nodes[index];
      if (found === undefined) throw new Error(`there is no node ${index}`);
      return found;
    },
    leader,
    async newLeader(withinMs = LEADER_WITHIN_MS, than) {
      const isNew = (node: RunningNode | null) => node !== null && node !== than;
      let found: RunningNode | null = null;
      await until(
        async () => {
          // While Redis is away there is no leader to be found either.
          found = await leader().catch(() => null);
          return found?.index ?? null;
        },
        () => isNew(found),
        withinMs,
      );
      if (found === null) throw new Error('no leader');
      return found;
    },
    claimants: () => nodes.filter((node) => node.ownTerm() !== null),
    inStep: (withinMs, of = nodes) => inStep(of, withinMs),
    rounds: async () => (await simulator.requests()).counts[ROUND_ROUTE] ?? 0,
  };
}

/** Nodes answer one after the other, so that a change in between makes two of them differ: then they are asked anew. */
async function inStep(nodes: readonly RunningNode[], withinMs?: number): Promise<NodeView> {
  const views = await until(
    () => Promise.all(nodes.map((node) => node.view().catch(() => null))),
    ([first, ...others]) =>
      first !== null &&
      first !== undefined &&
      !isNoPosition(first.position) &&
      others.every((other) => other !== null && isSame(other, first)),
    withinMs,
  );
  const [first] = views;
  if (first === null || first === undefined) throw new Error('no node');
  return first;
}

const isSame = (a: NodeView, b: NodeView): boolean =>
  a.position.epoch === b.position.epoch && a.position.seq === b.position.seq && a.bytes === b.bytes;
