/**
 * Serves recorded upstream payloads: `bun simulator/replay.ts <folder> [--port N] [--route <path>=<file>]… [--as-recorded]`.
 * Each route answers with its newest complete recording, times moved to now. Prints the environment for the server.
 */

import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '../contract/index.ts';
import { ArgumentError, BAD_ARGUMENTS, readOptions, readPort } from './arguments.ts';
import { onStop } from './lifetime.ts';
import { bestOf, type Choice, newestComplete, withoutEndSlash } from './replay/choose.ts';
import { RECORDED_ROUTES } from './replay/index.ts';
import { readFolder, readRecordings } from './replay/read-folder.ts';
import type { RecordedRoute } from './replay/recording.ts';
import { type Choices, serveRecordings } from './replay/serve.ts';

const USAGE = 'npm run replay -- <folder> [--port N] [--route <path>=<file>]… [--as-recorded]';

const OPTIONS = {
  port: { type: 'string' },
  route: { type: 'string', multiple: true },
  'as-recorded': { type: 'boolean' },
  'with-parent': { type: 'boolean' },
} as const;

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = readOptions(args, OPTIONS, true);
  const [given, ...tooMany] = positionals;
  if (given === undefined || tooMany.length > 0) throw new ArgumentError(`usage: ${USAGE}`);
  const port = readPort(values.port);
  const asRecorded = values['as-recorded'] === true;
  const folder = resolve(whereAsked(), given);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ArgumentError(`${given} is not a folder`);
  }
  const { recordings, skipped } = readFolder(folder);
  for (const line of skipped) console.error(`skipped ${line}`);
  const asked = askedRoutes(values.route ?? [], folder);
  const choices = new Map<RecordedRoute, Choice>();
  for (const route of RECORDED_ROUTES) {
    const choice = asked.get(route) ?? newestComplete(route, recordings);
    if (choice) choices.set(route, choice);
  }
  if (choices.size === 0) throw new ArgumentError(`${given} holds no recording of any route`);
  const server = await serveRecordings(choices, { clock: systemClock, port, asRecorded });
  onStop(values['with-parent'] === true, () => {
    server.close().then(() => process.exit(0));
  });
  console.log(summary(choices, server.url, asRecorded));
}

/** Where the command was typed: a package runner starts it in the project's folder and says where it was itself. */
const whereAsked = (): string =>
  (process.env.npm_lifecycle_event === 'replay' && process.env.INIT_CWD) || process.cwd();

/** The recordings that `--route` asks for. */
function askedRoutes(texts: readonly string[], folder: string): ReadonlyMap<RecordedRoute, Choice> {
  return new Map(texts.map((text) => askedRoute(text, folder)));
}

function askedRoute(text: string, folder: string): [RecordedRoute, Choice] {
  const at = text.indexOf('=');
  const [path, file] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || file === '') throw new ArgumentError('--route must be <path>=<file>');
  const route = RECORDED_ROUTES.find((r) => withoutEndSlash(r.path) === withoutEndSlash(path));
  if (!route) {
    const known = RECORDED_ROUTES.map((r) => r.path).join(', ');
    throw new ArgumentError(`--route ${path}: not a route; the routes are ${known}`);
  }
  const found = [resolve(folder, file), resolve(whereAsked(), file)].find((f) => existsSync(f));
  if (!found) throw new ArgumentError(`--route ${path}: there is no file ${file}`);
  const recordings = readRecordings(found, file);
  if (typeof recordings === 'string') throw new ArgumentError(`--route ${path}: ${recordings}`);
  const choice = bestOf(route, recordings);
  if (!choice) throw new ArgumentError(`--route ${path}: ${file} holds no answer of this route`);
  return [route, choice];
}

function summary(choices: Choices, url: string, asRecorded: boolean): string {
  const width = Math.max(...RECORDED_ROUTES.map(({ path }) => path.length));
  const lines = RECORDED_ROUTES.map((route) => {
    const choice = choices.get(route);
    return `  ${route.path.padEnd(width)}  ${choice ? describe(choice) : 'no recording: 404'}`;
  });
  const times = asRecorded ? 'times as recorded' : 'times moved to now';
  return [
    `Replaying on ${url}, ${times}:`,
    ...lines,
    'Point the server at it:',
    `${environment(choices, url)} npm start`,
  ].join('\n');
}

function describe({ recording, isComplete, timeMs }: Choice): string {
  const item = recording.item === null ? '' : ` #${recording.item + 1}`;
  const day = timeMs === null ? '' : ` (${new Date(timeMs).toISOString().slice(0, 10)})`;
  return `${recording.file}${item}${day}${isComplete ? '' : ', incomplete'}`;
}

/**
 * As the shell wants it. Upstreams without a recording are pointed here too and get 404, except one that needs a secret:
 * without it the server does not ask. `SIMULATED`: what is replayed is never kept as, or taken for, the market of today.
 */
function environment(choices: Choices, url: string): string {
  const asked = RECORDED_ROUTES.filter((route) => !route.secret || choices.has(route));
  const addresses = asked.map(({ variable }) => `${variable}=${url}`);
  const secrets = asked.flatMap(({ secret }) => secret ?? []);
  return [...new Set(addresses), ...secrets, 'SIMULATED=true'].join(' ');
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof ArgumentError ? BAD_ARGUMENTS : 1);
});
