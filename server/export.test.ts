import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../contract/index.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import type { Store } from './store/store.ts';

const CSV_HEADER = 'series,interval_s,time,value,open,high,low,close,volume,source,as_of\n';
/** More than any pipe holds. */
const MINUTES = 20_000;

let folder: string;
let home: string;
let store: Store;

const openStore = (dataDir: string, simulated = false) =>
  openSqliteStore(
    { clock: systemClock, log: { warn() {} }, onInMemory: () => expect(dataDir).toBe('usable') },
    { dataDir, simulated },
  );

const price = (time: number, value: number) => ({
  ...{ series: 'coin:BTC', intervalS: 60, time, value },
  ...{ source: 'binance' as const, asOfS: time + 59 },
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'marketcast-export-'));
  home = join(folder, 'home');
  store = openStore(home);
  const lastS = Math.floor(Date.now() / 60_000) * 60 - 60;
  const rows = Array.from({ length: MINUTES }, (_, n) => price(lastS - n * 60, 70_000 + n / 8));
  store.keepSamples(rows, 'last');
  store.keepCandles([
    {
      ...{ intervalS: 86_400, time: 86_400 * 20_000, asOfS: 86_400 * 20_001 },
      ...{ open: 62_000, high: 63_000.5, low: 61_000, close: 62_500.25, volume: 0 },
      source: 'kraken',
    },
  ]);
});

afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** Runs one of the two processes, with nothing in its environment but what is given. */
function run(
  what: 'export' | 'import',
  args: readonly string[],
  environment: Record<string, string>,
  stdin = '',
) {
  const { stdout, stderr, exitCode } = Bun.spawnSync(
    [process.execPath, '--no-env-file', join(import.meta.dir, `${what}.ts`), ...args],
    { env: environment, cwd: folder, stdin: Buffer.from(stdin) },
  );
  return { exitCode, out: stdout.toString(), err: stderr.toString() };
}

const exportAll = (dataDir: string, format: string) =>
  run('export', ['--series', 'all', '--format', format], { DATA_DIR: dataDir });

describe('npm run export', () => {
  test('writes what is kept while the server has the store', () => {
    const { exitCode, out, err } = run(
      'export',
      ['--series', 'btc_candles,btc_price', '--format', 'csv'],
      { DATA_DIR: home },
    );
    expect([exitCode, err]).toEqual([0, `${MINUTES + 1} rows.\n`]);
    const lines = out.split('\n');
    expect(`${lines[0]}\n`).toBe(CSV_HEADER);
    expect(lines[1]).toBe(
      'btc_candles,86400,1728000000,,62000,63000.5,61000,62500.25,0,kraken,2024-10-05T00:00:00Z',
    );
    expect(lines[2]).toMatch(/^btc_price,60,\d+,72499\.875,,,,,,binance,\d{4}-.*:59Z$/);
    expect(lines).toHaveLength(MINUTES + 3);
  });

  test('writes JSON that any program reads, into a file that is whole once it has its name', () => {
    const file = join(folder, 'all.json');
    const { exitCode, out } = run('export', ['--series', 'all', '--out', file], { DATA_DIR: home });
    expect([exitCode, out]).toEqual([0, '']);
    const { format_version, series } = JSON.parse(readFileSync(file, 'utf8'));
    expect(format_version).toBe(1);
    expect(Object.keys(series)).toEqual(['btc_candles', 'coin:BTC']);
    expect(series['coin:BTC']).toHaveLength(MINUTES);
    expect(readdirSync(folder)).not.toContain('all.json.part');
  });

  test('says nothing when nobody wants more', async () => {
    const child = Bun.spawn(
      [process.execPath, '--no-env-file', join(import.meta.dir, 'export.ts'), '--series', 'all'],
      { env: { DATA_DIR: home }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    expect(await child.exited).toBe(0);
    expect(await new Response(child.stderr).text()).toBe('');
  });

  test('of what was never kept is empty, and that is no error', () => {
    const empty = run('export', ['--series', 'coin:DOGE', '--format', 'csv'], { DATA_DIR: home });
    expect(empty).toEqual({
      exitCode: 0,
      out: CSV_HEADER,
      err: 'Nothing is kept of that yet.\n',
    });
  });

  test('keeps simulated figures apart', () => {
    const { exitCode, err } = run('export', ['--series', 'all'], {
      DATA_DIR: home,
      SIMULATED: 'true',
    });
    expect([exitCode, err]).toEqual([
      1,
      'Marketcast cannot export: there is no store in DATA_DIR\n',
    ]);
    const simulated = openStore(home, true);
    simulated.keepSamples([price(86_400 * 20_000, 1)], 'last');
    simulated.close();
    const own = run('export', ['--series', 'all', '--format', 'csv'], {
      DATA_DIR: home,
      SIMULATED: 'true',
    });
    expect(own.err).toBe('1 rows.\n');
  });

  test.each([
    [['--series', 'rsi_14'], 'computed from btc_candles'],
    [['--series', 'fng,sparklines'], 'coin:<SYMBOL>'],
    [['--series', 'dogs'], '--help'],
    [[], '--series must be'],
    [['--series', 'all', '--format', 'xml'], '--format must be one of csv, json'],
    [['--series'], '--help'],
    [['--serious', 'all'], '--help'],
    [['--series', 'all', '--out', '/dev/null/x'], 'failed'],
  ])('asked for %p says in one line what is wrong', (args, words) => {
    const { exitCode, out, err } = run('export', args, { DATA_DIR: home });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toMatch(/^Marketcast cannot export: [^\n]+\n$/);
    expect(err).toContain(words);
  });

  test.each([
    [{ DATA_DIR: '/nonexistent' }, 'there is no store in DATA_DIR'],
    [{ PORT: 'many' }, 'PORT must be'],
  ])('in %p says in one line what is wrong', (environment, words) => {
    const { exitCode, err } = run('export', ['--series', 'all'], environment);
    expect([exitCode, err.split('\n').length]).toEqual([1, 2]);
    expect(err).toContain(words);
  });

  test.each(['export', 'import'] as const)('npm run %s -- --help says how', (what) => {
    const { exitCode, out } = run(what, ['--help'], {});
    expect(exitCode).toBe(0);
    expect(out).toContain(`npm run ${what} -- `);
  });
});

describe('npm run import', () => {
  test.each(['csv', 'json'])(
    'takes in what export wrote, from a file and from a pipe: %s',
    (format) => {
      const { out } = exportAll(home, format);
      const file = join(folder, `moved.${format}`);
      writeFileSync(file, out);
      const next = { DATA_DIR: join(folder, `next-${format}`) };
      const first = run('import', [file], next);
      expect(first).toEqual({
        exitCode: 0,
        out: `${MINUTES + 1} rows read, ${MINUTES + 1} of them new.\n`,
        err: '',
      });
      expect(exportAll(next.DATA_DIR, format).out).toBe(out);
      const again = run('import', ['-', '--format', format], next, out);
      expect(again.out).toBe(`${MINUTES + 1} rows read, 0 of them new.\n`);
      expect(exportAll(next.DATA_DIR, format).out).toBe(out);
    },
  );

  test('keeps nothing of a file with a wrong row at its end', () => {
    const file = join(folder, 'wrong.csv');
    const rows = exportAll(home, 'csv').out;
    writeFileSync(file, `${rows}coin:BTC,60,61,1,,,,,,binance,1970-01-01T00:01:01Z\n`);
    const dataDir = join(folder, 'untouched');
    const { exitCode, out, err } = run('import', [file], { DATA_DIR: dataDir });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toBe(
      `Marketcast cannot import: line ${MINUTES + 3}: time must be a multiple of interval_s. Nothing was kept.\n`,
    );
    expect(readdirSync(folder)).not.toContain('untouched');
  });

  test('is refused while the server has the store, and changes nothing', () => {
    const file = join(folder, 'one.csv');
    writeFileSync(
      file,
      `${CSV_HEADER}fng,86400,1728000000,26,,,,,,alternative_me,2024-10-04T00:00:00Z\n`,
    );
    const before = exportAll(home, 'csv').out;
    const { exitCode, out, err } = run('import', [file], { DATA_DIR: home });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toMatch(/^Marketcast cannot import: another process uses this DATA_DIR\.[^\n]+\n$/);
    expect(err).toContain('must be stopped first');
    expect(exportAll(home, 'csv').out).toBe(before);
  });

  test.each([
    [[], 'one file'],
    [['a.csv', 'b.csv'], 'one file'],
    [['rows.txt'], '--format must be one of csv, json'],
    [['-'], '--format must be one of csv, json'],
    [['absent.csv'], '(ENOENT)'],
    [['.', '--format', 'csv'], 'cannot be read'],
    [['--force', 'a.csv'], '--help'],
    [['-', '--format', 'json'], 'line 1: the file ends too early'],
  ])('asked for %p says in one line what is wrong', (args, words) => {
    const { exitCode, out, err } = run('import', args, { DATA_DIR: join(folder, 'never') });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toMatch(/^Marketcast cannot import: [^\n]+\n$/);
    expect(err).toContain(words);
    expect(readdirSync(folder)).not.toContain('never');
  });
});
