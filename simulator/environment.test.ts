import { describe, expect, test } from 'bun:test';
import { demoEnvironment, machineEnvironment, simulatedEnvironment } from './environment.ts';

const URL = 'http://127.0.0.1:1234';
const WS_URL = 'ws://127.0.0.1:1235';
const simulated = simulatedEnvironment({ http: () => URL, ws: () => WS_URL });

describe('simulatedEnvironment', () => {
  test('points every upstream at the simulator, or switches it off, so that none is a real one', () => {
    const { SIMULATED, REDIS_URL, ...addresses } = simulated;
    expect(SIMULATED).toBe('true');
    expect(REDIS_URL).toBe('off');
    expect(Object.keys(addresses)).toHaveLength(13);
    for (const [name, value] of Object.entries(addresses)) {
      expect(value).toBeOneOf(name.endsWith('_WS_URL') ? [WS_URL] : [URL, 'off']);
    }
    expect(addresses.COINGECKO_BASE_URL).toBe(URL);
    expect(Object.keys(addresses).filter((name) => name.endsWith('_WS_URL'))).toHaveLength(3);
  });

  test('can give every upstream an origin of its own', () => {
    const own = simulatedEnvironment({ http: (id) => `http://${id}`, ws: (id) => `ws://${id}` });
    expect(own).toMatchObject({ TAAPI_BASE_URL: 'http://taapi', KRAKEN_WS_URL: 'ws://kraken' });
  });
});

describe('demoEnvironment', () => {
  const place = { simulated, port: 8123, dataDir: 'demo-data' };

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
      FINNHUB_API_KEY: 'demo',
      FETCH_INTERVAL_SECONDS: '15',
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
