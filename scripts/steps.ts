/** Runs the project's checks one after the other, all of them, and sums what they counted. */

import { fileURLToPath } from 'node:url';

/** One check: a command, and how many things it counts. */
export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** `tests`: the runner prints its own counts · `one`: the exit code is one check. */
  readonly counts: 'tests' | 'one';
  /** Variables that the command has besides what every step has. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What was counted. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** A step that takes longer hangs: the whole run has to fit into an hour and a half. */
const STEP_TIMEOUT_MS = 40 * 60_000;

const bun = process.execPath;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const tool = (name: string) => `${ROOT}node_modules/.bin/${name}`;
const tests = (...folders: string[]) => [
  bun,
  '--no-env-file',
  'test',
  '--isolate',
  '--timeout=30000',
  ...folders,
];

/** Format, lint, types, import table, unit and integration tests. */
export const CHECK_STEPS: readonly Step[] = [
  { name: 'format', command: [tool('biome'), 'format', '.'], counts: 'one' },
  { name: 'lint', command: [tool('biome'), 'lint', '--error-on-warnings', '.'], counts: 'one' },
  { name: 'types', command: [tool('tsc'), '-p', '.'], counts: 'one' },
  { name: 'rules of the tree', command: tests('./scripts'), counts: 'tests' },
  {
    name: 'unit tests',
    command: tests('./contract', './client', './server', './web', './simulator'),
    counts: 'tests',
  },
  {
    name: 'integration tests',
    command: tests('./e2e/harness', './e2e/integration'),
    counts: 'tests',
  },
];

/** What is lost, frozen, late or gone between real processes, as far as that is quick to try. */
export const QUICK_FAULT_STEPS: readonly Step[] = [
  { name: 'quick faults', command: tests('./e2e/faults/quick'), counts: 'tests' },
];

/**
 * All of it.
 * @param file where the cases write their rows
 */
export const faultStep = (file: string): Step => ({
  name: 'faults',
  command: tests('./e2e/faults'),
  counts: 'tests',
  environment: { FAULTS_FILE: file },
});

/** What needs a browser. */
export const BROWSER_STEPS: readonly Step[] = [
  { name: 'end-to-end tests', command: tests('./e2e/browser'), counts: 'tests' },
];

/**
 * Runs steps, prints each one's result, and at last `N passed, N failed` alone on a line.
 * @returns the exit code
 */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  const results: [Step, Counts][] = [];
  for (const step of steps) {
    console.log(`\n── ${step.name}`);
    results.push([step, await runStep(step).catch(notRun)]);
  }
  console.log('');
  for (const [{ name }, { passed, failed }] of results) {
    console.log(`${failed === 0 ? '✓' : '✗'} ${name}: ${passed} passed, ${failed} failed`);
  }
  const sum = (key: keyof Counts) => results.reduce((n, [, counts]) => n + counts[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
}

/** A step that cannot even be started is one failure. */
function notRun(error: unknown): Counts {
  console.error(error);
  return { passed: 0, failed: 1 };
}

async function runStep({ command, counts, environment = {} }: Step): Promise<Counts> {
  const child = Bun.spawn([...command], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: STEP_TIMEOUT_MS,
    // A test never inherits what a person has set for the server.
    env: { ...pick(process.env, INHERITED), CI: process.env.CI ?? '', ...environment },
  });
  const output = await Promise.all([
    passOn(child.stdout, process.stdout),
    passOn(child.stderr, process.stderr),
  ]);
  const isOk = (await child.exited) === 0;
  if (counts === 'one') return { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1 };
  return readCounts(output.join('\n'), isOk);
}

/** What the children need of the environment to run at all. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'CHROMIUM_PATH', 'USER'];

const pick = (from: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (from[name] ? [[name, from[name]]] : [])));

async function passOn(from: ReadableStream<Uint8Array>, to: NodeJS.WriteStream): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of from) {
    const part = decoder.decode(chunk, { stream: true });
    to.write(part);
    text += part;
  }
  return text;
}

/** The runner's closing lines; a run that failed without counting a failure counts as one. */
export function readCounts(output: string, isOk: boolean): Counts {
  const last = (pattern: RegExp) => Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
  const passed = last(/^\s*(\d+) pass$/gm);
  const failed = last(/^\s*(\d+) fail$/gm);
  const isSilent = passed + failed === 0;
  return { passed, failed: failed === 0 && (!isOk || isSilent) ? 1 : failed };
}
