/** The only reader of the environment: every variable checked at start, one line naming the variable on error. */

import { safeParse } from 'valibot';
import { BASE_COIN, DEFAULT_COINS, type SourceId } from '../contract/index.ts';
import {
  BOOLEAN,
  COINS,
  HOST,
  HTTP_ORIGIN,
  KEY,
  type Kind,
  ORIGINS,
  oneOf,
  PROXIES,
  REDIS_PREFIX,
  REDIS_URL,
  TEXT,
  WORKERS,
  WS_ORIGIN,
  whole,
} from './config-kinds.ts';

/** Where an upstream is; `null` = switched off. */
export type BaseUrl = string | null;

/** A source's side of the configuration. */
export interface SourceConfig {
  readonly baseUrl: BaseUrl;
  readonly wsUrl: BaseUrl;
  readonly key: string | null;
}

/** The validated configuration. Durations carry their unit in the name. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly redisUrl: string | null;
  readonly redisPrefix: string;
  readonly dataDir: string;
  readonly fetchIntervalS: number;
  readonly upstreamTimeoutMs: number;
  readonly snapshotTtlS: number;
  readonly refreshMinIntervalS: number;
  readonly flushIntervalMs: number;
  readonly leaseTtlMs: number;
  readonly slowClientTimeoutMs: number;
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
  readonly workers: number | 'auto';
  readonly coins: readonly string[];
  readonly coingeckoPlan: 'demo' | 'pro';
  readonly sources: Readonly<Record<SourceId, SourceConfig>>;
  readonly simulated: boolean;
  readonly logLevel: LogLevel;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
/** Least severe level that is logged. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A wrong value. The message names the variable and what it must be, never the value it has. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(
    readonly variable: string,
    expectation: string,
  ) {
    super(`${variable} must be ${expectation}`);
  }
}

/** The variables of a process, as `process.env` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the environment. An empty value counts as not set; unknown variables are ignored.
 * @throws ConfigError for the first wrong value, in the order of `.env.example`
 */
export function readConfig(env: Environment): Config {
  const read = reader(env);
  const plan = read('COINGECKO_PLAN', oneOf(['demo', 'pro']), 'demo');
  return {
    host: read('HOST', HOST, '0.0.0.0'),
    port: read('PORT', whole(0, 65_535), 8000),
    redisUrl: offIsNull(read('REDIS_URL', REDIS_URL, 'off')),
    redisPrefix: read('REDIS_PREFIX', REDIS_PREFIX, 'marketcast'),
    dataDir: read('DATA_DIR', TEXT, './data'),
    fetchIntervalS: read('FETCH_INTERVAL_SECONDS', whole(1, 86_400), 300),
    upstreamTimeoutMs: read('UPSTREAM_TIMEOUT_MS', whole(100, 60_000), 10_000),
    snapshotTtlS: read('SNAPSHOT_TTL_SECONDS', whole(60, 604_800), 3600),
    refreshMinIntervalS: read('REFRESH_MIN_INTERVAL_SECONDS', whole(1, 3600), 15),
    flushIntervalMs: read('FLUSH_INTERVAL_MS', whole(10, 10_000), 250),
    // With longer ones a follower whose try was lost would be silent for so long that it went solo on a healthy Redis.
    leaseTtlMs: read('LEASE_TTL_MS', whole(2000, 10_000), 5000),
    slowClientTimeoutMs: read('SLOW_CLIENT_TIMEOUT_MS', whole(1000, 600_000), 30_000),
    allowedOrigins: read('ALLOWED_ORIGINS', ORIGINS, []),
    trustedProxies: read('TRUSTED_PROXIES', PROXIES, []),
    maxConnections: read('MAX_CONNECTIONS', whole(1, 1_000_000), 50_000),
    maxConnectionsPerIp: read('MAX_CONNECTIONS_PER_IP', whole(1, 1_000_000), 200),
    workers: read('WORKERS', WORKERS, 1),
    coins: withBaseCoin(read('COINS', COINS, [...DEFAULT_COINS])),
    coingeckoPlan: plan,
    sources: readSources(read, plan),
    simulated: read('SIMULATED', BOOLEAN, false),
    logLevel: read('LOG_LEVEL', oneOf(LOG_LEVELS), 'info'),
  };
}

function readSources(read: Read, plan: 'demo' | 'pro'): Config['sources'] {
  const coingecko = plan === 'pro' ? 'https://pro-api.coingecko.com' : 'https://api.coingecko.com';
  const http = (name: string, real: string) => offIsNull(read(name, HTTP_ORIGIN, real));
  const ws = (name: string, real: string) => offIsNull(read(name, WS_ORIGIN, real));
  const key = (name: string) => read(name, KEY, null);
  return {
    coingecko: rest(http('COINGECKO_BASE_URL', coingecko), key('COINGECKO_API_KEY')),
    alternative_me: rest(http('ALTERNATIVE_ME_BASE_URL', 'https://api.alternative.me')),
    taapi: rest(http('TAAPI_BASE_URL', 'https://api.taapi.io'), key('TAAPI_SECRET')),
    binance: {
      baseUrl: http('BINANCE_BASE_URL', 'https://data-api.binance.vision'),
      wsUrl: ws('BINANCE_WS_URL', 'wss://data-stream.binance.vision'),
      key: null,
    },
    coinbase: {
      baseUrl: http('COINBASE_BASE_URL', 'https://api.exchange.coinbase.com'),
      wsUrl: ws('COINBASE_WS_URL', 'wss://ws-feed.exchange.coinbase.com'),
      key: null,
    },
    kraken: {
      baseUrl: http('KRAKEN_BASE_URL', 'https://api.kraken.com'),
      wsUrl: ws('KRAKEN_WS_URL', 'wss://ws.kraken.com'),
      key: null,
    },
    coinpaprika: rest(http('COINPAPRIKA_BASE_URL', 'https://api.coinpaprika.com')),
    coinlore: rest(http('COINLORE_BASE_URL', 'https://api.coinlore.net')),
    coinmarketcap: rest(
      http('CMC_BASE_URL', 'https://pro-api.coinmarketcap.com'),
      key('CMC_API_KEY'),
    ),
    finnhub: rest(http('FINNHUB_BASE_URL', 'https://finnhub.io'), key('FINNHUB_API_KEY')),
  };
}

const rest = (baseUrl: BaseUrl, key: string | null = null): SourceConfig => ({
  baseUrl,
  wsUrl: null,
  key,
});

type Read = <T, D>(name: string, kind: Kind<T>, fallback: D) => T | D;

const reader =
  (env: Environment): Read =>
  (name, kind, fallback) => {
    const text = env[name]?.trim();
    if (text === undefined || text === '') return fallback;
    const parsed = safeParse(kind.schema, text);
    if (!parsed.success) throw new ConfigError(name, kind.expectation);
    return parsed.output;
  };

const withBaseCoin = (coins: readonly string[]): readonly string[] =>
  coins.includes(BASE_COIN) ? coins : [BASE_COIN, ...coins];

const offIsNull = (text: string): string | null => (text === 'off' ? null : text);
