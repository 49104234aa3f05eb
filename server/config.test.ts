import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { ConfigError, readConfig } from './config.ts';

/** The error of a wrong environment, or `null`. */
function errorOf(env: Record<string, string>): ConfigError | null {
  try {
    readConfig(env);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

describe('readConfig', () => {
  test('needs nothing: every variable has a default', () => {
    const config = readConfig({});
    expect(config.port).toBe(8000);
    expect(config.host).toBe('0.0.0.0');
    expect(config.redisUrl).toBeNull();
    expect(config.fetchIntervalS).toBe(300);
    expect(config.coins).toEqual(['BTC', 'ETH', 'SOL', 'XRP', 'ADA', 'LINK', 'BNB']);
    expect(config.sources.taapi.key).toBeNull();
  });

  test('pitfall 37: Binance is asked on its hosts for market data only', () => {
    const { baseUrl, wsUrl } = readConfig({}).sources.binance;
    expect([baseUrl, wsUrl]).toEqual([
      'https://data-api.binance.vision',
      'wss://data-stream.binance.vision',
    ]);
  });

  test('takes an empty or blank value as not set', () => {
    expect(readConfig({ PORT: '', TAAPI_SECRET: '  ' })).toEqual(readConfig({}));
  });

  test('switches a source off, and Redis', () => {
    const config = readConfig({ BINANCE_BASE_URL: 'off', REDIS_URL: 'off', KRAKEN_WS_URL: 'off' });
    expect(config.sources.binance.baseUrl).toBeNull();
    expect(config.sources.kraken.wsUrl).toBeNull();
    expect(config.redisUrl).toBeNull();
  });

  test('takes every form of REDIS_URL as it is', () => {
    for (const url of [
      'redis://localhost:6379',
      'rediss://user:p%40ss@redis.test/2',
      'redis-sentinel://a,b:5000,c/market?sentinel_password=word',
      'rediss-cluster://:word@a,[::1]:7000',
    ]) {
      expect(readConfig({ REDIS_URL: url }).redisUrl).toBe(url);
    }
  });

  test('follows the plan to CoinGecko’s other host unless one is named', () => {
    expect(readConfig({ COINGECKO_PLAN: 'pro' }).sources.coingecko.baseUrl).toBe(
      'https://pro-api.coingecko.com',
    );
    const own = readConfig({ COINGECKO_PLAN: 'pro', COINGECKO_BASE_URL: 'http://127.0.0.1:9/' });
    expect(own.sources.coingecko.baseUrl).toBe('http://127.0.0.1:9');
  });

  test('puts BTC in front of a list that lacks it, and upper-cases symbols', () => {
    expect(readConfig({ COINS: 'eth, sol' }).coins).toEqual(['BTC', 'ETH', 'SOL']);
  });

  test('takes addresses and ranges of both kinds for proxies', () => {
    expect(readConfig({ TRUSTED_PROXIES: '::1, 192.0.2.1,10.0.0.0/8,fd00::/8,0.0.0.0/0' })).toEqual(
      {
        ...readConfig({}),
        trustedProxies: ['::1', '192.0.2.1', '10.0.0.0/8', 'fd00::/8', '0.0.0.0/0'],
      },
    );
  });

  const wrong: [variable: string, value: string][] = [
    ['PORT', '80000'],
    ['PORT', '-1'],
    ['PORT', '8000.5'],
    ['PORT', '0x10'],
    ['HOST', 'a b'],
    ['FETCH_INTERVAL_SECONDS', '0'],
    ['FETCH_INTERVAL_SECONDS', 'five'],
    ['UPSTREAM_TIMEOUT_MS', '1e4'],
    ['SNAPSHOT_TTL_SECONDS', '1'],
    ['REFRESH_MIN_INTERVAL_SECONDS', ''.padEnd(20, '9')],
    ['FLUSH_INTERVAL_MS', 'NaN'],
    ['LEASE_TTL_MS', '100'],
    ['SLOW_CLIENT_TIMEOUT_MS', 'Infinity'],
    ['ALLOWED_ORIGINS', 'dashboard.test'],
    ['ALLOWED_ORIGINS', 'https://dashboard.test/path'],
    ['ALLOWED_ORIGINS', '*'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/008'],
    ['TRUSTED_PROXIES', '10.1.0.0/'],
    ['TRUSTED_PROXIES', '010.0.0.1'],
    ['TRUSTED_PROXIES', 'fd00::/129'],
    ['TRUSTED_PROXIES', 'fe80::1%eth0'],
    ['TRUSTED_PROXIES', 'fe80::%eth0/64'],
    ['TRUSTED_PROXIES', 'localhost'],
    ['MAX_CONNECTIONS', '0'],
    ['WORKERS', '65'],
    ['COINS', 'BTC,BTC'],
    ['COINS', 'BTC,,ETH'],
    ['COINS', 'BTC;DROP'],
    ['REDIS_URL', 'http://localhost'],
    ['REDIS_URL', 'redis://user:unencoded@word@host'],
    ['REDIS_URL', 'redis-sentinel://no-master-name'],
    ['REDIS_URL', 'redis-cluster://host/1'],
    ['REDIS_PREFIX', 'a{b}'],
    ['REDIS_PREFIX', 'marketcast-simulated'],
    ['COINGECKO_PLAN', 'enterprise'],
    ['COINGECKO_BASE_URL', 'https://api.coingecko.com/api/v3'],
    ['BINANCE_BASE_URL', 'ftp://x'],
    ['BINANCE_BASE_URL', 'https://user:word@host'],
    ['BINANCE_WS_URL', 'https://host'],
    ['TAAPI_SECRET', 'two words'],
    ['SIMULATED', 'yes'],
    ['LOG_LEVEL', 'loud'],
  ];
  for (const [variable, value] of wrong) {
    test(`refuses a wrong ${variable} (${value.slice(0, 24)}) by name and without its value`, () => {
      const error = errorOf({ [variable]: value });
      expect(error?.variable).toBe(variable);
      expect(error?.message).toStartWith(`${variable} must be `);
      expect(error?.message).not.toContain('\n');
      // A short value such as `0` may stand in the range that the message names.
      if (value.length > 3) expect(error?.message).not.toContain(value);
    });
  }

  test('reads every variable of .env.example, and .env.example lists every variable read', () => {
    const asked = new Set<string>();
    const spy = new Proxy({}, { get: (_, name) => void asked.add(String(name)) });
    readConfig(spy);
    const listed = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
      .split('\n')
      .map((line) => /^#?\s?([A-Z][A-Z0-9_]+)=/.exec(line)?.[1])
      .filter((name) => name !== undefined);
    expect(listed.toSorted()).toEqual([...asked].toSorted());
  });

  test('accepts every value that .env.example shows', () => {
    const env: Record<string, string> = {};
    for (const line of readFileSync(new URL('../.env.example', import.meta.url), 'utf8').split(
      '\n',
    )) {
      const match = /^#?\s?([A-Z][A-Z0-9_]+)=(.*)$/.exec(line);
      if (match?.[1]) env[match[1]] = match[2] ?? '';
    }
    expect(errorOf(env)).toBeNull();
  });
});
