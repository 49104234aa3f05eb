import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOfDay } from './candles.ts';
import { rsi } from './rsi.ts';
import { type Child, startChild } from './test-child.ts';

const OWN = fileURLToPath(new URL('./recordings', import.meta.url));
const KLINES = '/api/v3/klines?symbol=BTCUSDT&interval=1d&limit=500';
const PRICE = '/api/v3/simple/price?ids=bitcoin&vs_currencies=usd';

/** The day in the names of the recordings. */
const RECORDED_S = Date.UTC(2026, 10, 20) / 1000;

let folder: string;
const children: Child[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'marketcast-replay-'));
});
afterEach(async () => {
  for (const child of children) child.kill();
  await Promise.all(children.splice(0).map(({ exited }) => exited));
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

/** A replay that is up: its address and all that it printed. */
async function replay(args: readonly string[], env: Record<string, string> = {}) {
  const child = startChild('replay.ts', args, { env, cwd: folder });
  children.push(child);
  const [, url = ''] = await child.waitFor(/Replaying on (\S+),[\s\S]*npm start\n/);
  return { child, url, output: child.output() };
}

/** A call that has to fail: its code and what it said. */
async function refused(args: readonly string[]) {
  const child = startChild('replay.ts', args, { cwd: folder });
  const code = await child.exited;
  return { code, output: child.output() };
}

const textOf = async (address: string) => (await fetch(address)).text();
const recorded = (name: string) => readFileSync(join(OWN, name), 'utf8');
/** The frames of a recorded stream. */
const framesOf = (name: string): string[] =>
  recorded(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).raw);

const socketUrlOf = (output: string, exchange: string) =>
  new RegExp(`${exchange}_WS_URL=(\\S+)`).exec(output)?.[1] ?? '';

/** The first that a stream says to whoever connects. */
async function firstFrames(url: string, path: string, count: number): Promise<string[]> {
  const socket = new WebSocket(url + path);
  const frames: string[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error(`no socket at ${url}${path}`)));
    socket.addEventListener('message', ({ data }) => {
      if (frames.push(String(data)) === count) resolve();
    });
  });
  socket.close();
  return frames;
}

/** What is not a time of a /global. */
const untimed = (text: string) => text.replace(/"updated_at": ?\d+/, '');

describe('replaying the project’s own recordings', () => {
  test('serves every route with its own digits and times of now', async () => {
    const { url } = await replay([OWN]);
    const startS = Date.now() / 1000;
    const global = await textOf(`${url}/api/v3/global`);
    const recordedGlobal = recorded('coingecko/global_2026-11-20.json');
    expect(untimed(global)).toBe(untimed(recordedGlobal));
    expect(JSON.parse(global).data.updated_at).toBeWithin(startS - 70, startS + 10);
    const price = await fetch(url + PRICE);
    expect(price.headers.get('date')).toBeNull();
    expect(price.headers.get('age')).toBeNull();
    const { bitcoin } = await price.json();
    expect(bitcoin.last_updated_at).toBeWithin(startS - 70, startS + 10);

    const { data } = await (await fetch(`${url}/fng/?limit=31`)).json();
    const todayMs = startOfDay(Date.now());
    expect(data).toHaveLength(31);
    expect(Number(data[0].timestamp) * 1000).toBe(todayMs);
    expect(Number(data[0].time_until_update)).toBeWithin(0, 86_401);

    const rows = await (await fetch(url + KLINES)).json();
    expect(rows).toHaveLength(500);
    expect(rows.at(-1)[0]).toBe(todayMs);
    expect(Number(rows.at(-1)[4])).toBe(bitcoin.usd);
    const funds = ['SPY', 'DIA', 'QQQ'].map((fund) => `${url}/api/v1/quote?symbol=${fund}`);
    const quotes = await Promise.all(funds.map(async (fund) => (await fetch(fund)).json()));
    expect(quotes.map(({ c }) => c)).toEqual([742.31, 501.18, 689.44]);
    expect(await textOf(`${url}/api/global/`)).toBe(recorded('coinlore/global_2026-11-20.json'));
    const { value } = await (await fetch(`${url}/rsi?secret=replay`)).json();
    expect(rsi(rows.map((row: string[]) => Number(row[4])))).toBeCloseTo(value, 6);
  });

  test('as recorded: the very bytes, with the times and headers of then', async () => {
    const { url, output } = await replay([OWN, '--as-recorded']);
    expect(output).toContain('times as recorded');
    expect(await textOf(`${url}/api/v3/global`)).toBe(recorded('coingecko/global_2026-11-20.json'));
    const price = await fetch(url + PRICE);
    expect(price.headers.get('date')).toBe('Fri, 20 Nov 2026 16:20:15 GMT');
    expect(price.headers.get('age')).toBe('12');
    const fng = JSON.parse(recorded('alternative_me/fng_limit31_2026-11-20.json'));
    expect(await (await fetch(`${url}/fng/?limit=0`)).json()).toEqual(fng);
    const rows = await (await fetch(url + KLINES)).json();
    expect(rows.at(-1)[0]).toBe(Date.UTC(2026, 10, 20));
    // What has no time inside is as old as its file's name says.
    const rsiAgeS = Number((await fetch(`${url}/rsi`)).headers.get('age'));
    expect(Date.now() / 1000 - rsiAgeS).toBeWithin(RECORDED_S - 10, RECORDED_S + 10);
    const told = await firstFrames(socketUrlOf(output, 'KRAKEN'), '/v2', 3);
    expect(told).toEqual(framesOf('kraken/ws_v2_ticker_2026-11-20.jsonl').slice(0, 3));
  });

  test('plays every stream at its exchange’s path, prices as recorded, times of now', async () => {
    const { output } = await replay([OWN]);
    const startMs = Date.now();
    const [ack, ticker] = await firstFrames(socketUrlOf(output, 'BINANCE'), '/stream?streams=x', 2);
    const [recordedAck, recordedTicker = ''] = framesOf('binance/ws_miniTicker_2026-11-20.jsonl');
    expect(ack).toBe(recordedAck);
    const { data } = JSON.parse(ticker ?? '');
    expect(ticker).toBe(recordedTicker.replace(/(?<="E":)\d+/, data.E));
    expect(data.E).toBeWithin(startMs - 5000, Date.now() + 1);
  });

  test('prints what is served and the environment that points the server at it', async () => {
    const { url, output } = await replay([OWN]);
    expect(output).toMatch(
      / {2}\/api\/v3\/global +coingecko\/global_2026-11-20.json \(2026-11-20\)\n/,
    );
    expect(output).toMatch(
      / {2}stream of Kraken +kraken\/ws_v2_ticker_2026-11-20.jsonl: 42 frames\n/,
    );
    const wsUrl = socketUrlOf(output, 'BINANCE');
    expect(output).toEndWith(
      `COINGECKO_BASE_URL=${url} COINPAPRIKA_BASE_URL=${url} COINLORE_BASE_URL=${url} CMC_BASE_URL=off ` +
        `ALTERNATIVE_ME_BASE_URL=${url} TAAPI_BASE_URL=${url} BINANCE_BASE_URL=${url} ` +
        `COINBASE_BASE_URL=off KRAKEN_BASE_URL=off FINNHUB_BASE_URL=${url} ` +
        `BINANCE_WS_URL=${wsUrl} COINBASE_WS_URL=${wsUrl} KRAKEN_WS_URL=${wsUrl} ` +
        'COINS=BTC,ETH,SOL TAAPI_SECRET=replay FINNHUB_API_KEY=replay SIMULATED=true npm start\n',
    );
  });

  test('answers only what was asked when it was recorded', async () => {
    const { url } = await replay([OWN]);
    const status = async (path: string) => (await fetch(url + path)).status;
    expect(await status('/api/v3/klines?symbol=ETHUSDT&interval=1d')).toBe(404);
    const hours = await fetch(`${url}/api/v3/klines?symbol=BTCUSDT&interval=1h`);
    expect(await hours.json()).toEqual([]);
    expect(await status('/api/v3/simple/price?ids=bitcoin&vs_currencies=eur')).toBe(404);
    expect(await status('/api/v3/ticker/24hr')).toBe(404);
    expect(await status('/api/v1/quote?symbol=AAPL')).toBe(404);
  });
});

describe('replaying a folder', () => {
  const price = (usd: number, at: number) => `{"bitcoin":{"usd":${usd},"last_updated_at":${at}}}`;

  test('says which files it skipped and what has no recording, and switches that off', async () => {
    write('price.json', price(77_705, 1_779_092_258));
    write('broken.json', '{');
    const { url, output } = await replay([folder]);
    expect(output).toContain('skipped broken.json: not JSON\n');
    expect(output).toMatch(/ {2}\/rsi +no recording\n/);
    expect(output).toMatch(/ {2}stream of Coinbase +no recording\n/);
    expect(output).not.toContain('TAAPI_SECRET');
    for (const name of ['TAAPI_BASE_URL', 'BINANCE_BASE_URL', 'BINANCE_WS_URL', 'KRAKEN_WS_URL']) {
      expect(output).toContain(` ${name}=off `);
    }
    expect(output).toContain(' COINS=BTC SIMULATED=true ');
    const answer = await fetch(url + KLINES);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 'not_found' } });
  });

  test('serves the newest, unless --route names another: in the folder or where the command was typed', async () => {
    write('old.json', price(1, 1_600_000_000));
    write('new.json', price(2, 1_700_000_000));
    const usd = async (args: string[]) => {
      const { url } = await replay([folder, ...args]);
      return JSON.parse(await textOf(url + PRICE)).bitcoin.usd;
    };
    expect(await usd([])).toBe(2);
    expect(await usd(['--route', '/api/v3/simple/price=old.json'])).toBe(1);
    const elsewhere = mkdtempSync(join(tmpdir(), 'marketcast-elsewhere-'));
    writeFileSync(join(elsewhere, 'other.json'), price(3, 1_500_000_000));
    expect(await usd(['--route', `/api/v3/simple/price=${elsewhere}/other.json`])).toBe(3);
    rmSync(elsewhere, { recursive: true });
  });

  test('needs no more than a stream, and says which coins it has', async () => {
    const raw = '{"type":"ticker","product_id":"SKL-USD","price":"0.7902"}';
    write('ws.jsonl', JSON.stringify({ raw }));
    const { output } = await replay([folder]);
    expect(await firstFrames(socketUrlOf(output, 'COINBASE'), '/', 1)).toEqual([raw]);
    expect(output).toContain(' BINANCE_WS_URL=off ');
    expect(output).toContain(' COINS=BTC,SKL ');
  });

  test('gives a fund the quote of nobody in particular only when it is asked for', async () => {
    write('quote.json', '{"c":14.48,"h":14.63,"l":14.28,"o":14.29,"pc":14.39,"t":1721246402}');
    write('price.json', price(1, 1_600_000_000));
    const status = async (...args: string[]) => {
      const { url } = await replay([folder, ...args]);
      return (await fetch(`${url}/api/v1/quote?symbol=DIA`)).status;
    };
    expect(await status()).toBe(404);
    expect(await status('--route', '/api/v1/quote SPY=quote.json')).toBe(404);
    expect(await status('--route', '/api/v1/quote=quote.json')).toBe(200);
  });

  test('finds a folder from where the command was typed, not from where a package runner starts it', async () => {
    write('price.json', price(5, 1_700_000_000));
    const env = { npm_lifecycle_event: 'replay', INIT_CWD: join(folder, '..') };
    const { url } = await replay([folder.split('/').at(-1) ?? ''], env);
    expect(JSON.parse(await textOf(url + PRICE)).bitcoin.usd).toBe(5);
  });

  test('stops cleanly', async () => {
    const { child } = await replay([OWN]);
    child.kill('SIGINT');
    expect(await child.exited).toBe(0);
    const withParent = await replay([OWN, '--with-parent']);
    withParent.child.closeInput();
    expect(await withParent.child.exited).toBe(0);
  });
});

describe('a replay that is called wrongly', () => {
  test.each([
    ['no folder', []],
    ['a folder that is not there', ['./nowhere']],
    ['two folders', [OWN, OWN]],
    ['a folder without recordings', ['.']],
    ['an unknown option', [OWN, '--bogus']],
    ['a port that is none', [OWN, '--port', '99999']],
    ['an unknown route', [OWN, '--route', '/nowhere=coingecko/global_2026-11-20.json']],
    ['a route without a file', [OWN, '--route', '/rsi']],
    ['a file that is not there', [OWN, '--route', '/rsi=nowhere.json']],
    ['a file that is not JSON', [OWN, '--route', '/rsi=README.md']],
    ['a file of another route', [OWN, '--route', '/rsi=coingecko/global_2026-11-20.json']],
  ])('ends with one line and code 2: %s', async (_, args) => {
    const { code, output } = await refused(args);
    expect(code).toBe(2);
    expect(output).toMatch(/^[^\n]+\n$/);
  });

  test('ends with one line and code 1 when the port is taken', async () => {
    const { url } = await replay([OWN]);
    const { code, output } = await refused([OWN, '--port', new URL(url).port]);
    expect(code).toBe(1);
    expect(output).toMatch(/^[^\n]+\n$/);
  });
});
