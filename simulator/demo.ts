/**
 * Runs Marketcast on a simulated market: `bun --no-env-file simulator/demo.ts [--server <script>]`. Nothing of the
 * user's configuration, data or network is used; `PORT` alone is taken from the environment.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PATHS, systemClock } from '../contract/index.ts';
import { ArgumentError, BAD_ARGUMENTS, readOptions } from './arguments.ts';
import { choosePort } from './demo-port.ts';
import { type DemoStage, startDemoScript } from './demo-script.ts';
import { DEMO_HOST, demoEnvironment, type Variables } from './environment.ts';
import { startSimulator } from './launch.ts';
import { onStop } from './lifetime.ts';

/** `--server`: another script in the server's place. */
const OPTIONS = { server: { type: 'string' } } as const;
const SERVER = fileURLToPath(new URL('../server/main.ts', import.meta.url));

/** The server is up in a second; this is for a machine that is busy. */
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 100;
/** One question whether it is ready; a server that has no answer yet is asked again. */
const READY_CALL_TIMEOUT_MS = 2000;
/** A server drains in less; one that takes longer is killed. */
const STOP_TIMEOUT_MS = 5000;

/** Why a demo is over. */
type End = { readonly code: 0 } | { readonly code: 1; readonly reason: string };

async function main(args: readonly string[]): Promise<End> {
  const { values } = readOptions(args, OPTIONS);
  sayAlone(process.env.REDIS_URL);
  const asked = new Promise<End>((resolve) => onStop(false, () => resolve({ code: 0 })));
  const port = await choosePort(DEMO_HOST, process.env.PORT);
  const simulator = await startSimulator();
  const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-demo-'));
  try {
    const place = { simulated: simulator.environment, port, dataDir };
    const server = startServer(values.server ?? SERVER, demoEnvironment(process.env, place));
    const over = new AbortController();
    const end = await Promise.race([
      asked,
      server.exited.then(() => failed('the server has stopped')),
      simulator.exited.then(() => failed('the simulator has stopped')),
      server.failed.then(() => failed('the server could not be started')),
      announce(port, over.signal).then((late) => late ?? play(simulator, over.signal)),
    ]);
    over.abort();
    await server.stop();
    return end;
  } finally {
    await simulator.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Whoever has set a Redis for the server may expect the demo on it. */
function sayAlone(redisUrl = ''): void {
  if (redisUrl === '' || redisUrl === 'off') return;
  console.log('Marketcast demo: runs alone and does not use the Redis of REDIS_URL');
}

const failed = (reason: string): End => ({ code: 1, reason });

/** Says where the page is as soon as it can be looked at. `null`: it can. */
async function announce(port: number, over: AbortSignal): Promise<End | null> {
  const origin = `http://${DEMO_HOST}:${port}`;
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady(origin, over))) {
    if (performance.now() > deadline) return failed('the server does not become ready');
    await wait(READY_POLL_MS, undefined, { signal: over });
  }
  console.log(
    `Marketcast demo: http://localhost:${port}${PATHS.page} - simulated data, Ctrl-C ends it`,
  );
  return null;
}

/** Lets things happen until the demo is over, which it does not end. */
function play(stage: DemoStage, over: AbortSignal): Promise<never> {
  const say = (line: string) => console.log(`Marketcast demo: ${line}`);
  const end = startDemoScript({ clock: systemClock, stage, say });
  over.addEventListener('abort', end, { once: true });
  return new Promise(() => {});
}

const isReady = (origin: string, over: AbortSignal): Promise<boolean> =>
  fetch(`${origin}${PATHS.ready}`, {
    signal: AbortSignal.any([over, AbortSignal.timeout(READY_CALL_TIMEOUT_MS)]),
  }).then(
    (response) => response.ok,
    () => false,
  );

function startServer(script: string, env: Variables) {
  // `--no-orphans`: the server goes when this process goes, even when it is killed.
  const child = spawn(process.execPath, ['--no-orphans', '--no-env-file', script], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    // A group of its own: Ctrl-C in the terminal is for this process, which stops the server first.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    exited,
    failed: once(child, 'error'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

main(process.argv.slice(2)).then(
  (end) => {
    if (end.code !== 0) console.error(`Marketcast demo: ${end.reason}`);
    process.exit(end.code);
  },
  (error) => {
    console.error(`Marketcast demo: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(error instanceof ArgumentError ? BAD_ARGUMENTS : 1);
  },
);
