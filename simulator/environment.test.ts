import { describe, expect, test } from 'bun:test';
import { demoEnvironment, machineEnvironment, simulatedEnvironment } from './environment.ts';

const URL = 'http://127.0.0.1:1234';

describe('simulatedEnvironment', () => {
  test('points every simulated upstream at the simulator and switches all others off', () => {
    const { SIMULATED, REDIS_URL, ...addresses } = simulatedEnvironment(URL);
    expect(SIMULATED).toBe('true');
    expect(REDIS_URL).toBe('off');
    const simulated = Object.entries(addresses).filter(([, value]) => value === URL);
    expect(simulated.map(([name]) => name)).toEqual([
      'COINGECKO_BASE_URL',
      'ALTERNATIVE_ME_BASE_URL',
      'TAAPI_BASE_URL',
      'BINANCE_BASE_URL',
    ]);
    expect(new Set(Object.values(addresses))).toEqual(new Set([URL, 'off']));
    expect(Object.keys(addresses)).toHaveLength(13);
  });
});

describe('demoEnvironment', () => {
  const place = { simulated: simulatedEnvironment(URL), port: 8123, dataDir: 'demo-data' };

  test('takes the machine’s variables and none of the user’s configuration', () => {
    const environment = demoEnvironment(
      {
        PATH: '/bin',
        HOME: '/home/somebody',
        NO_COLOR: '1',
        COINGECKO_API_KEY: 'key',
        CMC_API_KEY: 'key',
        REDIS_URL: 'redis://localhost',
        DATA_DIR: './data',
        PORT: '9',
        NODE_OPTIONS: '--inspect',
        BUN_INSPECT: '1',
      },
      place,
    );
    expect(environment).toMatchObject({
      PATH: '/bin',
      HOME: '/home/somebody',
      NO_COLOR: '1',
      REDIS_URL: 'off',
      SIMULATED: 'true',
      TAAPI_SECRET: 'demo',
      FETCH_INTERVAL_SECONDS: '5',
      REFRESH_MIN_INTERVAL_SECONDS: '2',
      HOST: '127.0.0.1',
      PORT: '8123',
      DATA_DIR: 'demo-data',
      COINGECKO_BASE_URL: URL,
    });
    for (const name of ['COINGECKO_API_KEY', 'CMC_API_KEY', 'NODE_OPTIONS', 'BUN_INSPECT']) {
      expect(environment).not.toHaveProperty(name);
    }
  });

  test('leaves out what is not set', () => {
    expect(machineEnvironment({ PATH: '/bin', HOME: undefined })).toEqual({ PATH: '/bin' });
  });
});
