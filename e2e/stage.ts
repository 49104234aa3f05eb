/** What most tests of the page stand on: a simulated market, a server that reads it, and a browser. */

import type { Browser } from 'playwright-core';
import { type DashboardDocument, PATHS } from '../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../simulator/launch.ts';
import { POLLED_ONLY } from './polled-only.ts';
import { startBrowser } from './start-browser.ts';
import { type RunningServer, startServer } from './start-server.ts';
import { until } from './until.ts';
import { createVisits, type Visits } from './visits.ts';

/** A stage. */
export interface Stage {
  readonly simulator: RunningSimulator;
  readonly server: RunningServer;
  readonly browser: Browser;
  readonly visits: Visits;
  /** Another server on the same market; ended with the stage. */
  addServer(environment?: Environment, dataDir?: string): Promise<RunningServer>;
  end(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/** The market stands still, so that whatever moves is what a test moved. */
export const MARKET = {
  frozen: true,
  btc_price_usd: 77_705,
  btc_change_24h: -1.41,
  market_cap: 2_621_040_321_355.0405,
  market_cap_change_24h: 1.6,
  volume_24h: 95_133_256_404.37308,
  volume_change_24h: -3.2,
  btc_dominance: 57.95,
  eth_dominance: 9.58,
  fng_value: 26,
} as const;

/**
 * Starts everything.
 * @param environment the server's, beside what points it at the market
 */
export async function setStage(environment: Environment = {}): Promise<Stage> {
  const [simulator, browser] = await Promise.all([startSimulator({ seed: 7 }), startBrowser()]);
  await simulator.setMarket(MARKET);
  const servers: RunningServer[] = [];
  const addServer: Stage['addServer'] = async (more = {}, dataDir) => {
    const server = await startServer({
      environment: {
        ...simulator.environment,
        ...POLLED_ONLY,
        REFRESH_MIN_INTERVAL_SECONDS: '1',
        ...more,
      },
      ...(dataDir === undefined ? {} : { dataDir }),
    });
    servers.push(server);
    return server;
  };
  const server = await addServer(environment);
  await firstRound(server);
  return {
    simulator,
    server,
    browser,
    visits: createVisits(browser),
    addServer,
    async end() {
      await browser.close();
      await Promise.all(servers.map((one) => one.stop()));
      await simulator.stop();
    },
  };
}

/** The document, as the server gives it to anybody. */
export const summary = async (server: RunningServer): Promise<DashboardDocument | null> => {
  const response = await fetch(server.url + PATHS.summary);
  return response.ok ? response.json() : null;
};

/** The document once `holds` says yes to it. */
export async function summaryWhere(
  server: RunningServer,
  holds: (document: DashboardDocument) => boolean,
): Promise<DashboardDocument> {
  const found = await until(
    () => summary(server),
    (document) => document !== null && holds(document),
  );
  if (found === null) throw new Error('the server has no document');
  return found;
}

/** Resolves when every source has answered once. */
export const firstRound = (server: RunningServer): Promise<DashboardDocument> =>
  summaryWhere(server, ({ sources }) =>
    Object.values(sources).every(
      (entry) => entry.state === 'off' || entry.last_success_at !== null,
    ),
  );

/** Has the server ask its upstreams anew; resolves when the round has ended. */
export const freshRound = (server: RunningServer): Promise<number> =>
  until(
    async () => (await fetch(server.url + PATHS.refresh, { method: 'POST' })).status,
    (status) => status === 200,
  );
