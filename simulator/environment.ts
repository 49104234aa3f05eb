/** The environment of processes: what points the server at a stand-in, and what a process of ours may inherit. */

import type { SourceId } from '../contract/index.ts';
import { STREAMING_EXCHANGES } from './streams/index.ts';
import { UPSTREAMS } from './upstreams/index.ts';

/** Variables by name. */
export type Variables = Readonly<Record<string, string>>;

/**
 * Every variable that says where an upstream is. Those that nothing here speaks for are switched off, so that a
 * simulated server never mixes in the real world.
 */
const ADDRESS_VARIABLES = [
  'COINGECKO_BASE_URL',
  'ALTERNATIVE_ME_BASE_URL',
  'TAAPI_BASE_URL',
  'BINANCE_BASE_URL',
  'BINANCE_WS_URL',
  'COINBASE_BASE_URL',
  'COINBASE_WS_URL',
  'KRAKEN_BASE_URL',
  'KRAKEN_WS_URL',
  'COINPAPRIKA_BASE_URL',
  'COINLORE_BASE_URL',
  'CMC_BASE_URL',
  'FINNHUB_BASE_URL',
] as const;

/** What any process needs to run on its machine and to write to its terminal. */
const INHERITED =
  /^(PATH|HOME|USER|TMPDIR|TEMP|TMP|TZ|LANG|LANGUAGE|LC_\w+|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|SYSTEMROOT)$/i;

/** Where upstreams are: the origin of each, and of its stream where it has one. */
export interface Origins {
  http(id: SourceId): string;
  ws(id: SourceId): string;
}

/** The server's variables for a simulation, alone, with no other upstream. */
export const simulatedEnvironment = (origins: Origins): Variables => ({
  ...Object.fromEntries(ADDRESS_VARIABLES.map((name) => [name, 'off'])),
  ...Object.fromEntries(UPSTREAMS.map(({ id, variable }) => [variable, origins.http(id)])),
  ...Object.fromEntries(STREAMING_EXCHANGES.map(({ id, variable }) => [variable, origins.ws(id)])),
  SIMULATED: 'true',
  REDIS_URL: 'off',
});

/** The machine's own variables and none of Marketcast's. */
export const machineEnvironment = (
  inherited: Readonly<Record<string, string | undefined>>,
): Variables =>
  Object.fromEntries(
    Object.entries(inherited).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && INHERITED.test(entry[0]),
    ),
  );

/** Seconds between two rounds of the demo: as often as CoinGecko lets itself be asked without a key, with room for refreshes. */
const DEMO_FETCH_INTERVAL_S = 15;
/** Seconds between two refreshes: the button is there to be tried. */
const DEMO_REFRESH_INTERVAL_S = 2;

/** What a demo's server needs to know. */
export interface DemoPlace {
  /** The simulator's variables for the server. */
  readonly simulated: Variables;
  readonly port: number;
  readonly dataDir: string;
}

/** The whole environment of a demo's server. Nothing of the user's own configuration is in it. */
export const demoEnvironment = (
  inherited: Readonly<Record<string, string | undefined>>,
  { simulated, port, dataDir }: DemoPlace,
): Variables => ({
  ...machineEnvironment(inherited),
  ...simulated,
  HOST: DEMO_HOST,
  PORT: String(port),
  DATA_DIR: dataDir,
  TAAPI_SECRET: 'demo',
  FINNHUB_API_KEY: 'demo',
  FETCH_INTERVAL_SECONDS: String(DEMO_FETCH_INTERVAL_S),
  REFRESH_MIN_INTERVAL_SECONDS: String(DEMO_REFRESH_INTERVAL_S),
  LOG_LEVEL: 'warn',
});

/** A demo is for whoever sits at the machine. */
export const DEMO_HOST = '127.0.0.1';
