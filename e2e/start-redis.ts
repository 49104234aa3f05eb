/** Starts a real `redis-server` for a test: on a port of its own, gone with the test, and with every way to fail. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithParent } from './end-with-parent.ts';
import { freePort } from './free-port.ts';
import { type RedisAddress, type RedisReply, sendToRedis } from './redis-command.ts';

/** How a Redis is started. Without anything: alone, in memory only, open to everybody on loopback. */
export interface RedisOptions {
  /** Default: a free one. It stays the same over a restart. */
  readonly port?: number;
  /** `requirepass`; with `username`, that user's in the ACL file. */
  readonly password?: string;
  /** Who `command` and `url` speak as; needs `aclFile`. */
  readonly username?: string;
  /** Path of an ACL file. */
  readonly aclFile?: string;
  /** Keeps every write on disk before it is answered, so that a killed one comes back with its data. */
  readonly persistent?: boolean;
  /** As Redis writes it, e.g. `10mb`; nothing is evicted. */
  readonly maxMemory?: string;
  /** Port of the master this one follows. */
  readonly replicaOf?: number;
  /** As a node of a Redis Cluster, without slots yet. */
  readonly cluster?: boolean;
  /** As a sentinel: the lines of its configuration file. */
  readonly sentinel?: readonly string[];
  /** Paths of PEM files; the port then speaks TLS only and asks clients for no certificate. */
  readonly tls?: {
    readonly certFile: string;
    readonly keyFile: string;
    readonly caFile: string;
  };
  /** Kept by whoever gives it; without it a new folder that is removed at the end. */
  readonly dataDir?: string;
  /** Further arguments, e.g. `['--hz', '50']`; they win over what is set here. */
  readonly args?: readonly string[];
}

/** How a Redis comes back. */
export interface RestartOptions {
  /** Whether what it kept on disk is removed first. Default `false`: but only a `persistent` one has anything. */
  readonly empty?: boolean;
}

/** A Redis that runs, or was killed and may come back. */
export interface RunningRedis {
  /** `redis://` or `rediss://`, with the password. */
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** Resolves when that process has ended. */
  readonly exited: Promise<void>;
  /**
   * One command over a connection of its own.
   * @throws RedisError with what Redis says · Error when it does not answer within two seconds, as when it is frozen
   */
  command(...args: readonly string[]): Promise<RedisReply>;
  /** E.g. `SIGSTOP` and `SIGCONT`. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and waits; the port is free afterwards and the data, if any were kept, stay. */
  kill(): Promise<void>;
  /** Kills it if it still runs, and starts it anew on the same port; resolves when it answers. */
  restart(options?: RestartOptions): Promise<void>;
  /** Ends it for good and removes what it wrote. Harmless when it has ended. */
  stop(): Promise<void>;
}

/** A start takes 30 ms; this is for a machine that is busy, or for data to be loaded. */
const START_TIMEOUT_MS = 15_000;
/** Somebody may take a port between the look and the start; hardly twice. */
const PORT_TRIES = 3;

/** @throws Error with what it wrote when it does not come up */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const tries = options.port === undefined ? PORT_TRIES : 1;
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    try {
      return await startOn(port, options);
    } catch (error) {
      if (attempt === tries || !/Address already in use/i.test(String(error))) throw error;
    }
  }
}

async function startOn(port: number, options: RedisOptions): Promise<RunningRedis> {
  const dir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'marketcast-redis-'));
  const removeDir = () => {
    if (options.dataDir === undefined) rmSync(dir, { recursive: true, force: true });
  };
  const address = addressOf(port, options);
  const args = await commandLine(port, dir, options);
  const launch = () => launchProcess(args);
  let current = await launch().catch((error) => {
    removeDir();
    throw error;
  });
  const kill = async () => {
    current.child.kill('SIGKILL');
    await current.exited;
  };
  return {
    url: urlOf(address),
    port,
    get pid() {
      return current.child.pid;
    },
    get exited() {
      return current.exited;
    },
    command: (...args) => sendToRedis(address, args),
    signal: (name) => current.child.kill(name),
    kill,
    async restart({ empty = false } = {}) {
      await kill();
      if (empty) {
        rmSync(dir, { recursive: true, force: true });
        mkdirSync(dir, { recursive: true });
      }
      current = await launch();
    },
    async stop() {
      await kill();
      removeDir();
    },
  };
}

const addressOf = (port: number, { username, password, tls }: RedisOptions): RedisAddress => ({
  port,
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password }),
  ...(tls !== undefined && { caPem: readFileSync(tls.caFile, 'utf8') }),
});

function urlOf({ port, username = '', password, caPem }: RedisAddress): string {
  const encoded = [username, password ?? ''].map(encodeURIComponent).join(':');
  const credentials = password === undefined ? '' : `${encoded}@`;
  return `${caPem === undefined ? 'redis' : 'rediss'}://${credentials}127.0.0.1:${port}`;
}

async function commandLine(
  port: number,
  dir: string,
  { password, username, tls, sentinel, ...options }: RedisOptions,
): Promise<string[]> {
  const file = join(dir, 'sentinel.conf');
  // A sentinel writes what it learns into its own file.
  if (sentinel !== undefined) writeFileSync(file, `${sentinel.join('\n')}\n`);
  // Replicas are fed at once, not after five seconds in which others might ask.
  const fast = ['--repl-diskless-sync-delay', '0'];
  const given = (value: unknown, ...args: readonly string[]) => (value === undefined ? [] : args);
  return [
    ...given(sentinel, file, '--sentinel'),
    ...['--bind', '127.0.0.1', '--dir', dir],
    ...(tls === undefined
      ? ['--port', String(port)]
      : [
          ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
          ...['--tls-cert-file', tls.certFile, '--tls-key-file', tls.keyFile],
          ...['--tls-ca-cert-file', tls.caFile],
        ]),
    ...(sentinel === undefined ? [...persistence(options.persistent === true), ...fast] : []),
    ...(username === undefined ? given(password, '--requirepass', password ?? '') : []),
    ...given(options.aclFile, '--aclfile', options.aclFile ?? ''),
    ...given(options.maxMemory, '--maxmemory', options.maxMemory ?? ''),
    ...given(options.replicaOf, '--replicaof', `127.0.0.1 ${options.replicaOf}`),
    ...(options.cluster === true ? await clusterArguments() : []),
    ...(options.args ?? []),
  ];
}

const persistence = (isPersistent: boolean): string[] =>
  isPersistent
    ? ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']
    : ['--save', '', '--appendonly', 'no'];

const clusterArguments = async (): Promise<string[]> => [
  ...['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())],
  ...['--cluster-node-timeout', '2000'],
];

/** Says that it listens and has loaded what it kept; a look at the port could meet somebody else's. */
const IS_UP = /Ready to accept connections|Sentinel ID is/;
/** What a Redis wrote last is enough to tell why it ended. */
const MAX_OUTPUT = 4000;

async function launchProcess(args: readonly string[]) {
  const child = Bun.spawn(['redis-server', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const unwatch = endWithParent(child.pid);
  const exited = child.exited.then(unwatch);
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  const failure = await new Promise<string | null>((resolve) => {
    let text = '';
    const read = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder();
      for await (const chunk of stream) {
        text = (text + decoder.decode(chunk, { stream: true })).slice(-MAX_OUTPUT);
        if (IS_UP.test(text)) resolve(null);
      }
    };
    void Promise.all([child.stdout, child.stderr].map(read)).then(() => resolve(text));
  });
  clearTimeout(timer);
  if (failure === null) return { child, exited };
  await exited;
  throw new Error(`redis-server did not come up:\n${failure}`);
}
