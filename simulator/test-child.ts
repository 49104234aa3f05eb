/** Starts a script of this folder for a test and hears what it says. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A script that runs, or ran. */
export interface Child {
  /** What it has printed so far, both streams together. */
  output(): string;
  /** Resolves with the first match in what it prints. Rejects when it ends without. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code, `null` after a signal. */
  readonly exited: Promise<number | null>;
  kill(signal?: NodeJS.Signals): void;
  /** Closes its standard input. */
  closeInput(): void;
}

/** How a script is started. */
export interface ChildOptions {
  /** Nothing else is in its environment but `PATH`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** @param script name of a file in this folder, or an absolute path */
export function startChild(
  script: string,
  args: readonly string[] = [],
  { env = {}, cwd }: ChildOptions = {},
): Child {
  const path = fileURLToPath(new URL(script, new URL('./', import.meta.url)));
  const child = spawn(process.execPath, [path, ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  let output = '';
  let heard = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += String(data);
      heard();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    output: () => output,
    exited,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        heard = () => {
          const match = pattern.exec(output);
          if (match) resolve(match);
        };
        exited.then(() => reject(new Error(`ended without ${pattern}: ${output}`)));
        heard();
      }),
    kill: (signal = 'SIGTERM') => child.kill(signal),
    closeInput: () => child.stdin.end(),
  };
}

/** How long something that is to end may take to do so, on a machine that is busy. */
const GONE_WITHIN_MS = 10_000;

/** Whether nobody listens at an address any more, or will not within the time that is granted. */
export async function isGone(url: string): Promise<boolean> {
  const deadline = performance.now() + GONE_WITHIN_MS;
  while (performance.now() < deadline) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (!answered) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
