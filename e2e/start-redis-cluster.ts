/** Starts a real Redis Cluster of three masters that share the slots, without replicas. */

import { type RunningRedis, startRedis } from './start-redis.ts';
import { until } from './until.ts';

/** A cluster that answers. */
export interface RunningRedisCluster {
  readonly nodes: readonly RunningRedis[];
  /** One command, to the master that has its key. */
  readonly command: RunningRedis['command'];
  stop(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;
/** The nodes tell each other once a second what they know. */
const READY_WITHIN_MS = 30_000;

/** Resolves when every node says that the cluster is whole. */
export async function startRedisCluster(): Promise<RunningRedisCluster> {
  const nodes: RunningRedis[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (let n = 0; n < MASTERS; n++) nodes.push(await startRedis({ cluster: true }));
    await Promise.all(nodes.map(takeSlots));
    const [first, ...others] = nodes;
    for (const other of others) await first?.command(...meeting(await busAddress(other)));
    await Promise.all(nodes.map(isWhole));
    return { nodes, command: follow(nodes), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Asks the first, and then whom that names. */
const follow =
  (nodes: readonly RunningRedis[]): RunningRedis['command'] =>
  async (...args) => {
    const [first] = nodes;
    if (first === undefined) throw new Error('no node');
    return first.command(...args).catch((error) => {
      const port = /MOVED \d+ [^:]*:(\d+)/.exec(String(error))?.[1];
      const owner = nodes.find((node) => node.port === Number(port));
      if (owner === undefined) throw error;
      return owner.command(...args);
    });
  };

/** Each gets a third of the slots, the last one what is left. */
function takeSlots(node: RunningRedis, index: number) {
  const share = Math.floor(SLOTS / MASTERS);
  const last = index === MASTERS - 1 ? SLOTS - 1 : (index + 1) * share - 1;
  return node.command('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(last));
}

interface BusAddress {
  readonly port: number;
  /** Where the nodes talk among themselves. */
  readonly busPort: string;
}

async function busAddress(node: RunningRedis): Promise<BusAddress> {
  const view = String(await node.command('CLUSTER', 'NODES'));
  const busPort = /@(\d+)/.exec(view)?.[1];
  if (busPort === undefined) throw new Error(`a node without a bus: ${view}`);
  return { port: node.port, busPort };
}

const meeting = ({ port, busPort }: BusAddress) =>
  ['CLUSTER', 'MEET', '127.0.0.1', String(port), busPort] as const;

const isWhole = (node: RunningRedis) =>
  until(
    async () => String(await node.command('CLUSTER', 'INFO')),
    (info) => info.includes('cluster_state:ok') && info.includes(`cluster_size:${MASTERS}`),
    READY_WITHIN_MS,
  );
