/** Writes what is kept for the charts into a file or to another program, also while the server runs: `npm run export`. */

import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../contract/index.ts';
import { configOrExit } from './config-or-exit.ts';
import { exportHistory } from './moving/export-history.ts';
import { keptNames } from './moving/kept-rows.ts';
import { FILE_FORMATS, type FileFormat, whyNotKept } from './moving/moved-row.ts';
import { openForReading, type ReadRows, type WhyUnread } from './store/open-for-reading.ts';

const USAGE = `npm run export -- --series <series> [--format json|csv] [--out <file>]

Writes all that is kept of series under DATA_DIR, every interval and every row; import takes it in again. The server may run.

  --series    all, or some of btc_candles, btc_price, coin:<SYMBOL>, market_cap, volume_24h, btc_dominance, fng,
              with commas between
  --format    json if it is not given
  --out       a file; without it the rows go to standard output, where npm says first what it runs
              (npm run --silent export does not)
`;

const WHY_UNREAD: Readonly<Record<WhyUnread, string>> = {
  absent: 'there is no store in DATA_DIR',
  older: 'the store is of an earlier version, which kept no history',
  newer: 'the store was written by a later version',
  in_use: 'another process has the store in DATA_DIR for itself',
  unreadable: 'the store in DATA_DIR cannot be read',
};

const fail = (sentence: string): never => {
  process.stderr.write(`Marketcast cannot export: ${sentence}\n`);
  process.exit(1);
};

/** What the process was asked for. */
interface Asked {
  readonly series: readonly string[];
  readonly format: FileFormat;
  /** `null` = standard output. */
  readonly out: string | null;
}

function readArguments(): Asked {
  const { series = '', format = 'json', out = null, help } = parseOrExit();
  if (help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const names = [...new Set(series.split(',').map((name) => name.trim()))];
  const why = names.map((name) => (name === 'all' ? null : whyNotKept(name))).find(Boolean);
  if (why) fail(why);
  const known = FILE_FORMATS.find((name) => name === format);
  if (known === undefined) return fail(`--format must be one of ${FILE_FORMATS.join(', ')}`);
  return { series: names, format: known, out };
}

function parseOrExit() {
  try {
    const { values } = parseArgs({
      options: {
        series: { type: 'string' },
        format: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch {
    return fail('an argument is not known or has no value; see --help');
  }
}

function openOrExit(): ReadRows {
  const opened = openForReading(configOrExit('export'));
  return opened.kind === 'rows' ? opened.rows : fail(WHY_UNREAD[opened.why]);
}

/** A file has its name once it is whole. */
async function write(pieces: Iterable<string>, out: string | null): Promise<void> {
  const text = Readable.from(pieces, { objectMode: false });
  if (out === null) return pipeline(text, process.stdout);
  const unfinished = `${out}.part`;
  try {
    await pipeline(text, createWriteStream(unfinished));
    renameSync(unfinished, out);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

async function run(): Promise<void> {
  const { series, format, out } = readArguments();
  const rows = openOrExit();
  const names = series.includes('all') ? keptNames(rows) : series;
  const count = { rows: 0, leftOut: 0 };
  try {
    await write(exportHistory(rows, { names, format, nowS: systemClock.now() / 1000 }, count), out);
  } catch (error) {
    // Whoever reads has enough, as `head` has.
    if (codeOf(error) === 'EPIPE') process.exit(0);
    fail(`writing or reading failed (${codeOf(error)})`);
  }
  rows.close();
  const leftOut = count.leftOut > 0 ? `; ${count.leftOut} were left out, which cannot be true` : '';
  process.stderr.write(
    count.rows === 0 ? 'Nothing is kept of that yet.\n' : `${count.rows} rows${leftOut}.\n`,
  );
}

await run();
