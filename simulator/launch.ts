/** Starts a simulator as a process of its own and controls it: for the demo, the tests and the benchmark. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { machineEnvironment, simulatedEnvironment, type Variables } from './environment.ts';
import { WITH_PARENT } from './lifetime.ts';
import { createRemoteControl, type RemoteControl } from './remote-control.ts';

/** How a simulator is started. */
export interface StartOptions {
  /** 0, the default = any free port. */
  readonly port?: number;
  /** Whole number; the same seed gives the same market. */
  readonly seed?: number;
}

/** A simulator that runs. */
export interface RunningSimulator extends RemoteControl {
  /** `http://127.0.0.1:PORT`, the base URL of every upstream. */
  readonly url: string;
  /** `ws://127.0.0.1:PORT`, the origin of every stream. */
  readonly wsUrl: string;
  /** The server's variables: every upstream here, no Redis. Sets no secret and no `DATA_DIR`. */
  readonly environment: Variables;
  /** Resolves when the process has ended, by whatever cause. */
  readonly exited: Promise<void>;
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
  return { url, wsUrl, environment, exited, ...createRemoteControl(url), stop: end };
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

async function stop(child: Child, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
