/** Takes what `export` wrote into the store of a server that is stopped: `npm run import -- <file>`. */

import { parseArgs } from 'node:util';
import { systemClock } from '../contract/index.ts';
import type { Config } from './config.ts';
import { configOrExit } from './config-or-exit.ts';
import { checkHistory, importHistory, type MovedFile } from './moving/import-history.ts';
import { type OpenedFile, openMovedFile, TooLarge } from './moving/moved-file.ts';
import { FILE_FORMATS, type FileFormat } from './moving/moved-row.ts';
import { WrongFile } from './moving/wrong-file.ts';
import { openSqliteStore } from './store/sqlite-store.ts';

const USAGE = `npm run import -- <file> [--format csv|json]

Takes the rows of a file that export wrote into the store under DATA_DIR, beside those that are there. The server must be
stopped. Every row is checked before the first is kept; a file that was taken in already changes nothing.

  <file>      - reads what another program writes
  --format    is the file's ending if it is not given
`;

const fail = (sentence: string): never => {
  process.stderr.write(`Marketcast cannot import: ${sentence}\n`);
  process.exit(1);
};

/** What the process was asked for. */
interface Asked {
  readonly path: string;
  readonly format: FileFormat;
}

function readArguments(): Asked {
  const { values, positionals } = parseOrExit();
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) return fail('there must be one file; see --help');
  const wanted = values.format ?? /\.([^./]+)$/.exec(path)?.[1];
  const format = FILE_FORMATS.find((name) => name === wanted);
  return format ? { path, format } : fail(`--format must be one of ${FILE_FORMATS.join(', ')}`);
}

function parseOrExit() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { format: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch {
    return fail('an option is not known or has no value; see --help');
  }
}

async function openOrExit(path: string): Promise<OpenedFile> {
  try {
    return await openMovedFile(path);
  } catch (error) {
    return fail(whyNotRead(error));
  }
}

function whyNotRead(error: unknown): string {
  if (error instanceof TooLarge) return 'the file is larger than any that export writes';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === '') throw error;
  return `the file cannot be read (${code})`;
}

function checkOrExit(file: MovedFile, nowS: number): number {
  try {
    return checkHistory(file, nowS);
  } catch (error) {
    return fail(
      error instanceof WrongFile ? `${error.message}. Nothing was kept.` : whyNotRead(error),
    );
  }
}

function keepOrExit(file: MovedFile, nowS: number, config: Config): number {
  const troubles: string[] = [];
  let isInMemory = false;
  const store = openSqliteStore(
    {
      clock: systemClock,
      log: { warn: (_fields, message) => void troubles.push(message) },
      onInMemory() {
        isInMemory = true;
      },
    },
    config,
  );
  if (isInMemory) {
    fail(`${withoutRemedy(troubles)}. Nothing was kept; a server that runs must be stopped first.`);
  }
  const fresh = importHistory(file, nowS, store);
  store.close();
  if (isInMemory) fail(`${withoutRemedy(troubles)}. Not everything was kept: import it again.`);
  return fresh;
}

/** What the store says it does instead is for a server. */
const withoutRemedy = (troubles: readonly string[]): string =>
  (troubles.at(-1) ?? 'the store failed').replace(/;.*$/, '');

async function run(): Promise<void> {
  const { path, format } = readArguments();
  const config = configOrExit('import');
  const opened = await openOrExit(path);
  const file = { format, chunks: opened.chunks };
  const nowS = systemClock.now() / 1000;
  const rows = checkOrExit(file, nowS);
  const fresh = keepOrExit(file, nowS, config);
  opened.close();
  process.stdout.write(`${rows} rows read, ${fresh} of them new.\n`);
}

await run();
