/** Starts a simulator as a process of its own and controls it: for the demo, the tests and the benchmark. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { machineEnvironment, simulatedEnvironment, type Variables } from './environment.ts';
import type { Fault } from './faults.ts';
import { WITH_PARENT } from './lifetime.ts';
import type { MarketChange, SimulatedFigures } from './market.ts';
import type { Quota, QuotasView } from './quotas.ts';
import type { RequestLogView } from './request-log.ts';
import type { StreamAction } from './streams/stream-faults.ts';
import type { StreamLogView } from './streams/stream-log.ts';
import type { StreamFaultChanges } from './streams/stream-side.ts';
import type { Exchange } from './ticker.ts';
import type { Block, ByUpstream, UpstreamState } from './upstream-states.ts';

/** How a simulator is started. */
export interface StartOptions {
  /** 0, the default = any free port. */
  readonly port?: number;
  /** Whole number; the same seed gives the same market. */
  readonly seed?: number;
}

/** A simulator that runs. Its methods reject with the simulator's own words when it refuses an input. */
export interface RunningSimulator {
  /** `http://127.0.0.1:PORT`, the base URL of every upstream. */
  readonly url: string;
  /** `ws://127.0.0.1:PORT`, the origin of every stream. */
  readonly wsUrl: string;
  /** The server's variables: all simulated upstreams here, all others off, no Redis. Sets no secret and no `DATA_DIR`. */
  readonly environment: Variables;
  /** Resolves when the process has ended, by whatever cause. */
  readonly exited: Promise<void>;
  /** By route, e.g. `/api/v3/global`; `null` takes a fault away. */
  setFaults(faults: Readonly<Record<string, Fault | null>>): Promise<void>;
  clearFaults(): Promise<void>;
  /** By exchange, in the place of what it had; `null` takes its faults away. */
  setStreamFaults(changes: StreamFaultChanges): Promise<void>;
  clearStreamFaults(): Promise<void>;
  /** Cuts, shuts down, or puts frames on every open connection of an exchange. */
  actOnStream(exchange: Exchange, action: StreamAction): Promise<void>;
  /** What clients of the streams did. */
  connections(): Promise<StreamLogView>;
  clearConnections(): Promise<void>;
  /** By upstream, all its routes and its stream at once: `dead`, `frozen` or `ok` again. */
  setUpstreams(changes: ByUpstream<UpstreamState>): Promise<void>;
  /** By upstream: what it refuses us with for where we are; `null` = serves us again. */
  setBlocks(changes: ByUpstream<Block | null>): Promise<void>;
  /** By upstream; `null` lifts its limits. What was counted is forgotten. */
  setQuotas(changes: ByUpstream<Quota | null>): Promise<void>;
  quotas(): Promise<QuotasView>;
  setMarket(change: MarketChange): Promise<SimulatedFigures>;
  /** One step of the walk, also while frozen. */
  stepMarket(): Promise<SimulatedFigures>;
  figures(): Promise<SimulatedFigures>;
  requests(): Promise<RequestLogView>;
  clearRequests(): Promise<void>;
  stop(): Promise<void>;
}

/** A start takes a quarter of a second; this is for a machine that is busy. */
const START_TIMEOUT_MS = 15_000;
/** Stopping closes a few sockets; a process that takes longer is killed. */
const STOP_TIMEOUT_MS = 3000;

const ADDRESS = v.pipe(v.string(), v.url());
const READY = v.pipe(v.string(), v.parseJson(), v.object({ url: ADDRESS, wsUrl: ADDRESS }));

/** @throws Error when the process ends, or says nothing in time, before it is ready */
export async function startSimulator(options: StartOptions = {}): Promise<RunningSimulator> {
  const child = spawn(process.execPath, commandLine(options), {
    env: machineEnvironment(process.env),
    stdio: ['pipe', 'pipe', 'inherit'],
    // A group of its own: Ctrl-C in the terminal is for whoever started it, who then stops it in order.
    detached: true,
  });
  const exited = once(child, 'exit').then(() => {});
  const { url, wsUrl } = await readPlace(child, exited);
  const environment = simulatedEnvironment({ http: () => url, ws: () => wsUrl });
  const end = () => stop(child, exited);
  return { url, wsUrl, environment, exited, ...controls(url), stop: end };
}

function commandLine({ port = 0, seed }: StartOptions): string[] {
  const script = fileURLToPath(new URL('./main.ts', import.meta.url));
  const seeded = seed === undefined ? [] : ['--seed', String(seed)];
  return ['--no-env-file', script, '--quiet', WITH_PARENT, '--port', String(port), ...seeded];
}

/** Where a simulator is. */
type Place = v.InferOutput<typeof READY>;

type Child = ChildProcessByStdio<Writable, Readable, null>;

async function readPlace(child: Child, exited: Promise<void>): Promise<Place> {
  const timer = new AbortController();
  const late = wait(START_TIMEOUT_MS, 'said nothing in time', { signal: timer.signal });
  const ended = exited.then(() => 'ended before it was ready');
  const line = once(child.stdout, 'data').then(([data]) => v.parse(READY, String(data)));
  const first = await Promise.race([line, late, ended]).finally(() => {
    timer.abort();
    late.catch(() => {});
  });
  if (typeof first !== 'string') return first;
  child.kill('SIGKILL');
  throw new Error(`the simulator ${first}`);
}

function controls(url: string) {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}/_sim/${path}`, { method, ...init });
    const answer = await response.json();
    if (!response.ok) throw new Error(`the simulator refused: ${JSON.stringify(answer)}`);
    return answer;
  };
  // Both ends of the control API are in this folder, so its answers have the shapes of the interfaces.
  const figures = async (...request: Parameters<typeof ask>) =>
    (await ask(...request)) as SimulatedFigures;
  return {
    setFaults: async (faults: Readonly<Record<string, Fault | null>>) => {
      await ask('PUT', 'faults', faults);
    },
    clearFaults: async () => {
      await ask('DELETE', 'faults');
    },
    setStreamFaults: async (changes: StreamFaultChanges) => {
      await ask('PUT', 'streams', changes);
    },
    clearStreamFaults: async () => {
      await ask('DELETE', 'streams');
    },
    actOnStream: async (exchange: Exchange, action: StreamAction) => {
      await ask('POST', 'streams', { [exchange]: action });
    },
    connections: async () => (await ask('GET', 'connections')) as StreamLogView,
    clearConnections: async () => {
      await ask('DELETE', 'connections');
    },
    setUpstreams: async (changes: ByUpstream<UpstreamState>) => {
      await ask('PUT', 'upstreams', changes);
    },
    setBlocks: async (changes: ByUpstream<Block | null>) => {
      await ask('PUT', 'blocks', changes);
    },
    setQuotas: async (changes: ByUpstream<Quota | null>) => {
      await ask('PUT', 'quotas', changes);
    },
    quotas: async () => (await ask('GET', 'quotas')) as QuotasView,
    setMarket: (change: MarketChange) => figures('PUT', 'market', change),
    stepMarket: () => figures('POST', 'step'),
    figures: () => figures('GET', 'market'),
    requests: async () => (await ask('GET', 'requests')) as RequestLogView,
    clearRequests: async () => {
      await ask('DELETE', 'requests');
    },
  };
}

async function stop(child: Child, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
