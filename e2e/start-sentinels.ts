/** Starts a master, its replica and three sentinels that watch them, all real, with deadlines short enough for a test. */

import { type RedisOptions, type RunningRedis, startRedis } from './start-redis.ts';
import { until } from './until.ts';

/** A watched master and its replica. */
export interface RunningSentinels {
  /** What the sentinels call the master. */
  readonly masterName: string;
  /** The two that take turns; the first begins as master. */
  readonly nodes: readonly RunningRedis[];
  readonly sentinels: readonly RunningRedis[];
  /** The one that the sentinels name as master. */
  master(): Promise<RunningRedis>;
  /** One command, to that one. */
  readonly command: RunningRedis['command'];
  /**
   * Kills the master and waits until the sentinels name the other and that one takes writes. The killed one can come
   * back with `restart()`; it then becomes a replica.
   * @returns how long there was no master, ms
   */
  killMaster(): Promise<number>;
  /** Lets the sentinels change the master while both live: the old one becomes read-only. */
  switchMaster(): Promise<void>;
  stop(): Promise<void>;
}

const MASTER_NAME = 'marketcast-master';
const SENTINELS = 3;
/** Two of three have to agree. */
const QUORUM = 2;
/** Silence after which a sentinel takes the master for dead. */
const DOWN_AFTER_MS = 1000;
/** A failover that did not work is tried again after twice this. */
const FAILOVER_TIMEOUT_MS = 3000;
/** Sentinels find each other by messages they send every two seconds. */
const READY_WITHIN_MS = 30_000;
/** Down after a second, an election, and a promotion: about 2.5 s; an election without a winner takes another round. */
const FAILOVER_WITHIN_MS = 30_000;

/** @param options for master and replica alike, e.g. `persistent` */
export async function startSentinels(
  options: Omit<RedisOptions, 'port' | 'replicaOf'> = {},
): Promise<RunningSentinels> {
  const started: RunningRedis[] = [];
  const start = async (more: RedisOptions) => {
    const redis = await startRedis(more);
    started.push(redis);
    return redis;
  };
  const stop = async () => {
    await Promise.all(started.map((redis) => redis.stop()));
  };
  try {
    const first = await start(options);
    const second = await start({ ...options, replicaOf: first.port });
    await until(() => second.command('INFO', 'replication'), saysLinkIsUp);
    const lines = configuration(first.port, options);
    const sentinels: RunningRedis[] = [];
    for (let n = 0; n < SENTINELS; n++) sentinels.push(await start({ sentinel: lines }));
    await Promise.all(sentinels.map(seesEverybody));
    return { ...controls([first, second], sentinels), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const configuration = (port: number, { username, password }: RedisOptions): string[] => {
  const lines = [
    `monitor ${MASTER_NAME} 127.0.0.1 ${port} ${QUORUM}`,
    `down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
    `failover-timeout ${MASTER_NAME} ${FAILOVER_TIMEOUT_MS}`,
    ...(username === undefined ? [] : [`auth-user ${MASTER_NAME} ${username}`]),
    ...(password === undefined ? [] : [`auth-pass ${MASTER_NAME} ${password}`]),
  ];
  return lines.map((line) => `sentinel ${line}`);
};

const saysLinkIsUp = (info: unknown): boolean => String(info).includes('master_link_status:up');

/** Until a sentinel knows the replica and the other two, it cannot lead a failover. */
const seesEverybody = (sentinel: RunningRedis) =>
  until(
    async () => pairs(await sentinel.command('SENTINEL', 'MASTER', MASTER_NAME)),
    (view) =>
      view.get('num-slaves') === '1' &&
      view.get('num-other-sentinels') === String(SENTINELS - 1) &&
      view.get('flags') === 'master',
    READY_WITHIN_MS,
  );

/** Redis gives a table as a list of names and values in turns. */
function pairs(reply: unknown): ReadonlyMap<string, string> {
  const list = Array.isArray(reply) ? reply.map(String) : [];
  return new Map(
    list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? '']] : [])),
  );
}

function controls(nodes: readonly RunningRedis[], sentinels: readonly RunningRedis[]) {
  const [spokesman] = sentinels;
  if (spokesman === undefined) throw new Error('no sentinel was started');
  const master = async (): Promise<RunningRedis> => {
    const reply = await spokesman.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME);
    const port = Array.isArray(reply) ? Number(reply[1]) : null;
    const found = nodes.find((node) => node.port === port);
    if (found === undefined) throw new Error(`the sentinels name no node of ours: ${reply}`);
    return found;
  };
  const isChanged = (old: RunningRedis) =>
    until(
      async () => {
        const current = await master();
        const role = await current.command('ROLE').catch(() => null);
        return { port: current.port, role: Array.isArray(role) ? role[0] : null };
      },
      ({ port, role }) => port !== old.port && role === 'master',
      FAILOVER_WITHIN_MS,
    );
  return {
    masterName: MASTER_NAME,
    nodes,
    sentinels,
    master,
    command: async (...args: readonly string[]) => (await master()).command(...args),
    async killMaster() {
      const old = await master();
      const begun = performance.now();
      await old.kill();
      await isChanged(old);
      return performance.now() - begun;
    },
    async switchMaster() {
      const old = await master();
      await spokesman.command('SENTINEL', 'FAILOVER', MASTER_NAME);
      await isChanged(old);
      const info = () => old.command('INFO', 'replication').catch(() => '');
      // The sentinels tell the old one only after they have watched it call itself a master for a while.
      await until(info, saysLinkIsUp, READY_WITHIN_MS);
    },
  };
}
