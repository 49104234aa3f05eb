import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { brotliDecompressSync } from 'node:zlib';
import {
  CANDLE_COLUMNS,
  coinSeries,
  DEFAULT_COINS,
  HISTORY_RANGES,
  HISTORY_SERIES,
  type HistoryBody,
  type HistoryRange,
  isHistoryRange,
  MAX_HISTORY_ROWS,
  PATHS,
  VALUE_COLUMNS,
} from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import { firstRound, MARKET, summaryWhere } from '../stage.ts';
import { type RunningServer, startServer } from '../start-server.ts';
import { until } from '../until.ts';

/** A cold start asks three exchanges for a year of every coin, courteously. */
const FILLED_WITHIN_MS = 60_000;

const RANGES = Object.keys(HISTORY_RANGES).filter(isHistoryRange);
const ASKED: [series: string, range: HistoryRange][] = [
  ...HISTORY_SERIES,
  ...DEFAULT_COINS.map(coinSeries),
].flatMap((series) =>
  RANGES.filter((range) => series !== 'sparklines' || range === '7d').map(
    (range): [string, HistoryRange] => [series, range],
  ),
);

let simulator: RunningSimulator;
let server: RunningServer;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 7 });
  // The market stands still, so that two answers of one minute are the same.
  await simulator.setMarket(MARKET);
  server = await startServer({ environment: simulator.environment });
  await firstRound(server);
});

afterAll(async () => {
  await server.stop();
  await simulator.stop();
});

const target = (series: string, range: string) =>
  `${server.url}${PATHS.history}?series=${series}&range=${range}`;

const bodyOf = async (series: string, range: string): Promise<HistoryBody> =>
  (await fetch(target(series, range))).json();

/** The answer once it holds; at the start the past is still being asked for. */
const filled = (
  series: string,
  range: string,
  holds = (body: HistoryBody) => body.rows.length > 0,
) => until(() => bodyOf(series, range), holds, FILLED_WITHIN_MS);

const columnsOf = (series: string): readonly string[] => {
  if (series === 'sparklines') return ['time', ...DEFAULT_COINS];
  return series === 'btc_candles' ? CANDLE_COLUMNS : VALUE_COLUMNS;
};

describe('the history of a server that has just started', () => {
  test.each(ASKED)(
    'of %s over %s has rows in order, each at its interval',
    async (series, range) => {
      const { durationS, intervalS } = HISTORY_RANGES[range];
      const body = await filled(series, range);
      expect(body).toMatchObject({ series, range, interval_s: intervalS });
      expect(body.columns).toEqual(columnsOf(series));
      expect(body.rows.length).toBeLessThanOrEqual(
        Math.min(MAX_HISTORY_ROWS, durationS / intervalS),
      );
      const times = body.rows.map(([time]) => time);
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
      expect(times.filter((time) => time % intervalS !== 0)).toEqual([]);
      expect((times.at(-1) ?? 0) * 1000).toBeLessThanOrEqual(Date.now());
      for (const row of body.rows) expect(row).toHaveLength(body.columns.length);
      expect<readonly string[]>(body.sources).toContain(body.source ?? 'nobody');
    },
    90_000,
  );

  test.each(ASKED)(
    'of %s over %s says the same as CSV',
    async (series, range) => {
      // Both of one minute, and of one state of the past: asked again until nothing came between.
      const [csv, body] = await until(
        async () => {
          const before = await bodyOf(series, range);
          const text = await (await fetch(`${target(series, range)}&format=csv`)).text();
          return [text, before, await bodyOf(series, range)] as const;
        },
        ([, before, after]) => before.rows.length > 0 && Bun.deepEquals(before, after),
        FILLED_WITHIN_MS,
      );
      const lines = [body.columns, ...body.rows].map((row) =>
        row.map((one) => one ?? '').join(','),
      );
      expect(csv.trimEnd().split(/\r?\n/)).toEqual(lines);
    },
    90_000,
  );

  test('of the RSI ends with the one that is shown', async () => {
    const { rsi_14 } = await summaryWhere(server, (document) => document.rsi_14 !== null);
    for (const range of RANGES) {
      const body = await filled('rsi_14', range, ({ rows }) => rows.at(-1)?.[1] === rsi_14);
      expect(body.rows.at(-1)?.[1]).toBe(rsi_14);
    }
  }, 90_000);

  test('is 304 for whoever has it, and the same in every encoding', async () => {
    await filled('btc_candles', '24h');
    const answers = await until(
      () =>
        Promise.all(
          ['identity', 'gzip', 'br'].map(async (encoding) => {
            const response = await fetch(target('btc_candles', '24h'), {
              headers: { 'accept-encoding': encoding },
              decompress: false,
            });
            return {
              etag: response.headers.get('etag') ?? '',
              encoding: response.headers.get('content-encoding'),
              bytes: new Uint8Array(await response.arrayBuffer()),
            };
          }),
        ),
      // No minute ended between them.
      (all) => new Set(all.map(({ etag }) => etag)).size === 1,
    );
    expect(answers.map(({ encoding }) => encoding)).toEqual([null, 'gzip', 'br']);
    const [plain, gzip, brotli] = answers.map(({ bytes }) => bytes);
    const text = Buffer.from(plain ?? []).toString();
    expect(JSON.parse(text)).toMatchObject({ series: 'btc_candles' });
    expect(Buffer.from(Bun.gunzipSync(gzip ?? new Uint8Array())).toString()).toBe(text);
    expect(String(brotliDecompressSync(brotli ?? new Uint8Array()))).toBe(text);

    const known = answers[0]?.etag ?? '';
    const again = await fetch(target('btc_candles', '24h'), {
      headers: { 'if-none-match': known },
    });
    // Unless a minute ended just now.
    expect(again.status === 304 || again.headers.get('etag') !== known).toBe(true);
    const maxAge = /^public, max-age=(\d+)$/.exec(again.headers.get('cache-control') ?? '')?.[1];
    expect(Number(maxAge)).toBeGreaterThanOrEqual(1);
    expect(Number(maxAge)).toBeLessThanOrEqual(60);
  });

  test.each([
    ['series=coin:DOGE&range=24h', 'wrong_series'],
    ['series=btc_price&range=24H', 'wrong_range'],
    ['series=btc_price&range=24h&format=CSV', 'wrong_format'],
  ])('asked for %s says what is wrong', async (query, code) => {
    const response = await fetch(`${server.url}${PATHS.history}?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code } });
  });
});
