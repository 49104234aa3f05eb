/** Starts the real server as a process, the way a person would, and reads what it says. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithParent } from './end-with-parent.ts';

/** How a server is started. */
export interface ServerOptions {
  /** The server's variables; nothing else of Marketcast's is set. `PORT` defaults to a free one. */
  readonly environment: Readonly<Record<string, string>>;
  /** Kept by whoever gives it; without it a new folder that is removed at the end. */
  readonly dataDir?: string;
  /** Files that run in the process before the server does, e.g. to shift its clock. */
  readonly preload?: readonly string[];
}

/** A server that runs, or has ended. */
export interface RunningServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly socketUrl: string;
  readonly port: number;
  readonly pid: number;
  /** When the process was started, `performance.now()`. */
  readonly startedAtMs: number;
  /** From then to the line that says it is up, ms. */
  readonly startMs: number;
  /** Everything it wrote so far, both streams. */
  output(): string;
  /** Its log lines, parsed. */
  logLines(): readonly Record<string, unknown>[];
  signal(name: NodeJS.Signals): void;
  /** The exit code; `null` when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** SIGTERM, and waits; a frozen one is thawed first. */
  stop(): Promise<void>;
}

/** A process that ended before it was up. */
export interface FailedStart {
  readonly code: number | null;
  readonly output: string;
}

/** A start takes a quarter of a second; this is for a machine that is busy. */
const START_TIMEOUT_MS = 20_000;
/** The server gives itself five seconds. */
const STOP_TIMEOUT_MS = 10_000;

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @throws Error with what the process wrote when it does not come up */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const started = await tryStart(options);
  if ('url' in started) return started;
  throw new Error(`the server ended with ${started.code}:\n${started.output}`);
}

/** As {@link startServer}, for starts that are meant to fail. */
export async function tryStart(options: ServerOptions): Promise<RunningServer | FailedStart> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'marketcast-e2e-'));
  const begun = performance.now();
  const preload = (options.preload ?? []).flatMap((file) => ['--preload', file]);
  const child = Bun.spawn([process.execPath, '--no-env-file', ...preload, 'server/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH ?? '',
      HOST: '127.0.0.1',
      PORT: '0',
      REDIS_URL: 'off',
      DATA_DIR: dataDir,
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = collect([child.stdout, child.stderr]);
  const unwatch = endWithParent(child.pid);
  const exited = child.exited.then(() => {
    unwatch();
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    return child.exitCode;
  });
  const port = await written.find(/Marketcast is up: http:\/\/[^\s"/]+:(\d+)/, exited);
  if (port === null) {
    if (child.exitCode === null) child.kill('SIGKILL');
    const code = await exited;
    await written.ended;
    return { code, output: written.text() };
  }
  const startMs = performance.now() - begun;
  return {
    url: `http://127.0.0.1:${port}`,
    socketUrl: `ws://127.0.0.1:${port}/ws`,
    port: Number(port),
    pid: child.pid,
    startedAtMs: begun,
    startMs,
    output: written.text,
    logLines: () => parseLines(written.text()),
    signal: (name) => child.kill(name),
    exited,
    async stop() {
      child.kill('SIGTERM');
      child.kill('SIGCONT');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
      await written.ended;
    },
  };
}

/** Gathers what streams bring, and finds a pattern in it as soon as it is there. */
function collect(streams: readonly ReadableStream<Uint8Array>[]) {
  let text = '';
  const listeners = new Set<() => void>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      for (const listener of listeners) listener();
    }
  };
  const ended = Promise.all(streams.map(read)).then(() => {});
  const find = (pattern: RegExp, giveUp: Promise<unknown>): Promise<string | null> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => done(null), START_TIMEOUT_MS);
      const look = () => {
        const found = pattern.exec(text)?.[1];
        if (found !== undefined) done(found);
      };
      const done = (found: string | null) => {
        clearTimeout(timer);
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
      void giveUp.then(() => done(null));
    });
  return { text: () => text, ended, find };
}

function parseLines(text: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line) => {
    try {
      const parsed: unknown = JSON.parse(line);
      return typeof parsed === 'object' && parsed !== null ? [{ ...parsed }] : [];
    } catch {
      return [];
    }
  });
}
