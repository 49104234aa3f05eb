/** For tests: the whole server as `main.ts` composes it, on a simulated market in this process and a clock that the test moves. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DashboardDocument,
  type HistoryBody,
  type HistoryRange,
  type HistorySeries,
  PATHS,
} from '../contract/index.ts';
import { createManualClock, type ManualClock } from '../contract/manual-clock.ts';
import { createInProcessSimulator } from '../simulator/in-process.ts';
import { type Environment, readConfig } from './config.ts';
import { createLog, type Log } from './log.ts';
import { type Surroundings, startServer } from './main.ts';
import { openSqliteStore } from './store/sqlite-store.ts';

/** What a server has of the world outside. */
export type World = Pick<Surroundings, 'clock' | 'fetch' | 'connect'>;

/** How the market is set up. */
export interface MarketOptions {
  readonly env?: Environment;
  /** What an earlier run of the server has left behind. */
  readonly stored?: { readonly document: DashboardDocument; readonly epoch: number };
  readonly startMs?: number;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Silent, unless somebody wants to read it. */
  readonly log?: Log;
  /** Stands between the server and its world: to watch, or to show it another clock. */
  readonly between?: (world: World) => World;
}

/** Starts nothing yet: upstreams can be set up before `start`. */
export function setUpMarket({
  env = {},
  stored,
  startMs,
  random = () => 0.5,
  log = createLog('silent', false).log,
  between = (world) => world,
}: MarketOptions = {}) {
  const clock = createManualClock(startMs);
  const simulator = createInProcessSimulator({ clock, seed: 7 });
  const dataDir = mkdtempSync(join(tmpdir(), 'marketcast-market-'));
  const config = readConfig({
    ...simulator.environment,
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
    ...env,
  });
  if (stored !== undefined) {
    const store = openSqliteStore({ clock, log, onInMemory() {} }, config);
    store.saveDocument({ epoch: stored.epoch, seq: 1, json: JSON.stringify(stored.document) });
    store.close();
  }
  let server: Awaited<ReturnType<typeof startServer>> | null = null;
  const stop = async (takesMs = 10_000) => {
    const stopped = server?.stop();
    await clock.advanceAsync(takesMs);
    await stopped;
    server = null;
  };
  return {
    clock,
    simulator,
    async start() {
      const { fetch, connect } = simulator;
      server = await startServer(config, {
        ...between({ clock, fetch: (url, init) => fetch(url, init), connect }),
        random,
        log,
        version: '0.0.0',
      });
      return server;
    },
    /** Moves the clock on, and lets what is not on it (bodies of answers) catch up at every step. */
    pass: (ms: number, stepMs = STEP_MS) => passOn(clock, ms, stepMs),
    /** What the server shows now. */
    async document(): Promise<DashboardDocument> {
      const response = await fetch(`http://127.0.0.1:${server?.port}${PATHS.summary}`);
      if (response.status !== 200) throw new Error(`the summary answers ${response.status}`);
      return response.json();
    },
    /** What it answers to charts now. */
    async history(series: HistorySeries, range: HistoryRange): Promise<HistoryBody> {
      const query = new URLSearchParams({ series, range });
      const response = await fetch(`http://127.0.0.1:${server?.port}${PATHS.history}?${query}`);
      if (response.status !== 200) throw new Error(`the history answers ${response.status}`);
      return response.json();
    },
    /** Takes some seconds, or as long as is told; `start` then begins on what was kept. */
    stop,
    async end() {
      await stop();
      simulator.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** As short as a flush: what a step has brought is shown with the next. */
const STEP_MS = 250;

async function passOn(clock: ManualClock, ms: number, stepMs: number): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    await clock.advanceAsync(Math.min(left, stepMs));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
