/**
 * Serves what upstreams once said: `bun simulator/replay.ts <folder> [--port N] [--route <path>=<file>]… [--as-recorded]`.
 * Each polled route answers with its newest complete recording, and of a series with what others add to it; each stream is
 * played from its beginning. Times are moved to now. Prints the environment for the server.
 */

import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '../contract/index.ts';
import { ArgumentError, BAD_ARGUMENTS, readOptions, readPort } from './arguments.ts';
import { onStop } from './lifetime.ts';
import { bestOf, type Choice, newestComplete, withoutEndSlash } from './replay/choose.ts';
import { nameOf, RECORDED_ROUTES } from './replay/index.ts';
import { readFolder, readRecordings } from './replay/read-folder.ts';
import type { RecordedRoute } from './replay/recording.ts';
import { serveRecordings } from './replay/serve.ts';
import { createRecordedStreams } from './replay/streams/recorded-streams.ts';
import { sortFrames } from './replay/streams/sort-frames.ts';
import { summary } from './replay/summary.ts';
import { serveStreams } from './streams/serve-streams.ts';

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
  const { recordings, frames, skipped } = readFolder(folder);
  for (const line of skipped) console.error(`skipped ${line}`);
  const asked = askedRoutes(values.route ?? [], folder);
  const choices = new Map<RecordedRoute, Choice>();
  for (const route of RECORDED_ROUTES) {
    const choice = asked.get(route) ?? newestComplete(route, recordings);
    if (choice) choices.set(route, choice);
  }
  const streams = sortFrames(frames, recordings);
  if (choices.size + streams.length === 0) {
    throw new ArgumentError(`${given} holds no recording of any route or stream`);
  }
  const how = { clock: systemClock, asRecorded };
  const answers = await serveRecordings(choices, { ...how, port });
  const sockets = serveStreams(createRecordedStreams(streams, how), 0);
  onStop(values['with-parent'] === true, () => {
    Promise.all([answers.close(), sockets.close()]).then(() => process.exit(0));
  });
  console.log(summary({ choices, streams, url: answers.url, wsUrl: sockets.url, asRecorded }));
}

/** Where the command was typed: a package runner starts it in the project's folder and says where it was itself. */
const whereAsked = (): string =>
  (process.env.npm_lifecycle_event === 'replay' && process.env.INIT_CWD) || process.cwd();

/** The recordings that `--route` asks for. */
function askedRoutes(texts: readonly string[], folder: string): ReadonlyMap<RecordedRoute, Choice> {
  return new Map(texts.flatMap((text) => askedRoute(text, folder)));
}

/** Of several routes with one path, those that the file answers. */
function askedRoute(text: string, folder: string): readonly (readonly [RecordedRoute, Choice])[] {
  const at = text.indexOf('=');
  const [path, file] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || file === '') throw new ArgumentError('--route must be <path>=<file>');
  const routes = RECORDED_ROUTES.filter((route) =>
    [route.path, nameOf(route)].map(withoutEndSlash).includes(withoutEndSlash(path)),
  );
  if (routes.length === 0) {
    const known = RECORDED_ROUTES.map(nameOf).join(', ');
    throw new ArgumentError(`--route ${path}: not a route; the routes are ${known}`);
  }
  const found = [resolve(folder, file), resolve(whereAsked(), file)].find((f) => existsSync(f));
  if (!found) throw new ArgumentError(`--route ${path}: there is no file ${file}`);
  const recordings = readRecordings(found, file);
  if (typeof recordings === 'string') throw new ArgumentError(`--route ${path}: ${recordings}`);
  const chosen = routes.flatMap((route) => {
    const choice = bestOf(route, recordings);
    return choice ? [[route, choice] as const] : [];
  });
  if (chosen.length === 0) {
    throw new ArgumentError(`--route ${path}: ${file} holds no answer of this route`);
  }
  return chosen;
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof ArgumentError ? BAD_ARGUMENTS : 1);
});
