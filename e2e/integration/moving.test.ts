import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HistoryBody, PATHS } from '../../contract/index.ts';
import { startSimulator } from '../../simulator/launch.ts';
import { NO_UPSTREAMS } from '../no-upstreams.ts';
import { firstRound, MARKET } from '../stage.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { until } from '../until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A cold start asks three exchanges for a year of every coin, courteously. */
const FILLED_WITHIN_MS = 60_000;
/** Those that are filled first. */
const SERIES = ['btc_candles', 'btc_price', 'rsi_14', 'fng'];
const DAYS = 365;

function runScript(name: 'export' | 'import', args: readonly string[], dataDir: string) {
  const { stdout, stderr, exitCode } = Bun.spawnSync(
    [process.execPath, '--no-env-file', join(ROOT, 'server', `${name}.ts`), ...args],
    { cwd: ROOT, env: { DATA_DIR: dataDir, SIMULATED: 'true' } },
  );
  return { exitCode, out: stdout.toString(), err: stderr.toString() };
}

/** Of each series a year, but for the day that has not ended. */
const yearsOf = (server: RunningServer) =>
  Promise.all(
    SERIES.map(async (series) => {
      const response = await fetch(`${server.url}${PATHS.history}?series=${series}&range=1y`);
      const { rows }: HistoryBody = await response.json();
      return rows.slice(0, -1);
    }),
  );

test('a server that runs is exported, and another one begins where it stands', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'marketcast-moving-'));
  const [old, next] = [join(folder, 'old'), join(folder, 'next')];
  const simulator = await startSimulator({ seed: 7 });
  await simulator.setMarket(MARKET);
  const before = await startServer({ environment: simulator.environment, dataDir: old });
  try {
    await firstRound(before);
    const years = await until(
      () => yearsOf(before),
      (all) => all.every((rows) => rows.length === DAYS - 1),
      FILLED_WITHIN_MS,
    );
    const file = join(folder, 'all.json');
    const exported = runScript('export', ['--series', 'all', '--out', file], old);
    expect([exported.exitCode, exported.err]).toEqual([0, expect.stringMatching(/^\d+ rows\.\n$/)]);
    expect(runScript('import', [file], old).err).toContain('must be stopped first');

    const imported = runScript('import', [file], next);
    expect([imported.exitCode, imported.err]).toEqual([0, '']);
    const after = await startServer({
      environment: { ...simulator.environment, ...NO_UPSTREAMS, SIMULATED: 'true' },
      dataDir: next,
    });
    expect(await yearsOf(after).finally(() => after.stop())).toEqual(years);
  } finally {
    await before.stop();
    await simulator.stop();
    rmSync(folder, { recursive: true });
  }
}, 120_000);
