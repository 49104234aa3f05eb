import { describe, expect, test } from 'bun:test';
import { DAY_MS } from '../candles.ts';
import { klinesRoute } from './klines.ts';
import { recording, served } from './test-recording.ts';

const NOW = Date.UTC(2026, 10, 23, 7);
const TODAY = Date.UTC(2026, 10, 23);
const FIRST = Date.UTC(2026, 5, 1);

const row = (openMs: number, stepMs: number, close: string) => [
  openMs,
  '61056.47000000',
  '61530.05000000',
  '59500.00000000',
  close,
  '14687.30809000',
  openMs + stepMs - 1,
  '892311734.32343340',
  3_694_691,
  '6949.20859000',
  '422215608.14083870',
  '0',
];
const rows = (count: number, stepMs = DAY_MS) =>
  Array.from({ length: count }, (_, i) =>
    row(FIRST + i * stepMs, stepMs, `${60_000 + i}.00000000`),
  );
const recorded = (value: unknown, file = 'klines_BTCUSDT_1d.json') =>
  recording(JSON.stringify(value), { file });

describe('/klines', () => {
  test('moves both times of every row by whole days, so that the newest is today and open', () => {
    const moved = JSON.parse(served(klinesRoute, recorded(rows(40)), NOW));
    expect(moved).toHaveLength(40);
    expect(moved.at(-1)).toEqual(row(TODAY, DAY_MS, '60039.00000000'));
    expect(moved[0]).toEqual(row(TODAY - 39 * DAY_MS, DAY_MS, '60000.00000000'));
    expect(moved.at(-1)[6]).toBeGreaterThan(NOW);
  });

  test('gives the last rows up to the limit, 500 without one and 1000 at most', () => {
    const count = (query: string) =>
      JSON.parse(served(klinesRoute, recorded(rows(1100)), NOW, { query })).length;
    expect(count('limit=3')).toBe(3);
    expect(count('')).toBe(500);
    expect(count('limit=5000')).toBe(1000);
    expect(count('limit=-1')).toBe(500);
    const [only] = JSON.parse(served(klinesRoute, recorded(rows(9)), NOW, { query: 'limit=1' }));
    expect(only[0]).toBe(TODAY);
  });

  test('is sent with its own times when that is asked for', () => {
    const text = served(klinesRoute, recorded(rows(5)), NOW, { asRecorded: true });
    expect(JSON.parse(text)).toEqual(rows(5));
  });

  test('is daily, though a day may be missing', () => {
    const timeOf = (value: unknown) => klinesRoute.recognise(recorded(value))?.timeMs ?? null;
    expect(timeOf(rows(3))).toBe(FIRST + 2 * DAY_MS);
    expect(timeOf(rows(5).toSpliced(2, 1))).toBe(FIRST + 4 * DAY_MS);
    expect(timeOf(rows(3, 60_000))).toBeNull();
    expect(timeOf(rows(3, 7 * DAY_MS))).toBeNull();
    expect(timeOf(rows(3).toReversed())).toBeNull();
    expect(timeOf(rows(1))).toBeNull();
    expect(timeOf([])).toBeNull();
    expect(timeOf(rows(3).map((r) => r.slice(0, 6)))).toBeNull();
  });

  test('is BTCUSDT, as far as its name or its request says which pair it is', () => {
    const isOurs = (file: string, request: URL | null = null) =>
      klinesRoute.recognise({ ...recorded(rows(3), file), request }) !== null;
    expect(isOurs('klines.json')).toBe(true);
    expect(isOurs('binance/BTCUSDT_1d.json')).toBe(true);
    expect(isOurs('binance/klines_ETHUSDT_1d.json')).toBe(false);
    const asked = (symbol: string) => new URL(`https://host/api/v3/klines?symbol=${symbol}`);
    expect(isOurs('klines.json', asked('BTCUSDT'))).toBe(true);
    expect(isOurs('klines.json', asked('ETHUSDT'))).toBe(false);
  });

  test('is given by page: from a start the oldest, up to an end the newest, both inclusive', () => {
    const opens = (query: string) =>
      JSON.parse(served(klinesRoute, recorded(rows(40)), NOW, { query })).map(
        ([openMs]: [number]) => (openMs - TODAY) / DAY_MS,
      );
    const at = (days: number) => TODAY + days * DAY_MS;
    expect(opens(`startTime=${at(-5)}&endTime=${at(-3)}`)).toEqual([-5, -4, -3]);
    expect(opens(`startTime=${at(-5) + 1}&endTime=${at(-3) - 1}`)).toEqual([-4]);
    expect(opens(`startTime=${at(-5)}&limit=2`)).toEqual([-5, -4]);
    expect(opens(`endTime=${at(-5)}&limit=2`)).toEqual([-6, -5]);
    expect(opens(`startTime=${at(-99)}&endTime=${at(-39)}`)).toEqual([-39]);
    expect(opens(`startTime=${at(1)}`)).toEqual([]);
  });

  test('has the minutes that were recorded where they were, and nothing in place of others', () => {
    const MINUTE = 60_000;
    const noon = FIRST + 12 * 60 * MINUTE;
    const minutes = recorded(
      [0, 1, 2].map((i) => row(noon + i * MINUTE, MINUTE, `6000${i}.00000000`)),
    );
    const options = (query: string) => ({ query, added: [minutes] });
    const get = (query: string) =>
      JSON.parse(served(klinesRoute, recorded(rows(3)), NOW, options(query)));
    const moved = TODAY - 2 * DAY_MS + 12 * 60 * MINUTE;
    // The newest may have been open when it was recorded.
    expect(get('interval=1m')).toEqual([
      row(moved, MINUTE, '60000.00000000'),
      row(moved + MINUTE, MINUTE, '60001.00000000'),
    ]);
    expect(get(`interval=1m&startTime=${moved + MINUTE}`)).toHaveLength(1);
    for (const interval of ['5m', '1h', '1w']) expect(get(`interval=${interval}`)).toEqual([]);
    expect(get('interval=1d')).toHaveLength(3);
    expect(klinesRoute.recognise(minutes)).toBeNull();
    expect(klinesRoute.adds(minutes)).toBe(true);
    expect(klinesRoute.adds(recorded([]))).toBe(false);
    const uneven = [0, 60_000, 150_000].map((ms) => row(FIRST + ms, MINUTE, '1.0'));
    expect(klinesRoute.adds(recorded(uneven))).toBe(false);
  });

  test('has the days of every recording, the newest recording’s where two have one', () => {
    const older = recorded([
      row(FIRST - 2 * DAY_MS, DAY_MS, '1.00000000'),
      row(FIRST - DAY_MS, DAY_MS, '2.00000000'),
      row(FIRST, DAY_MS, '3.00000000'),
      row(FIRST + DAY_MS, DAY_MS, '4.00000000'),
    ]);
    const moved = JSON.parse(served(klinesRoute, recorded(rows(3)), NOW, { added: [older] }));
    expect(moved.map((item: unknown[]) => Number(item[4]))).toEqual([1, 2, 60_000, 60_001, 60_002]);
    expect(moved[0][0]).toBe(TODAY - 4 * DAY_MS);
    const oldest = recorded(
      [-9, -8, -7].map((days) => row(FIRST + days * DAY_MS, DAY_MS, '5.00000000')),
    );
    const all = JSON.parse(
      served(klinesRoute, recorded(rows(3)), NOW, { added: [older, oldest] }),
    ).map(([openMs]: [number]) => openMs);
    expect(all).toEqual(all.toSorted((a: number, b: number) => a - b));
    expect(all).toHaveLength(7);
  });

  test('has nothing of the time to come, when minutes were recorded later than days', () => {
    const late = recorded(
      [0, 1, 2].map((i) => row(FIRST + 9 * DAY_MS + i * 60_000, 60_000, '1.0')),
    );
    const options = { query: 'interval=1m', added: [late] };
    expect(JSON.parse(served(klinesRoute, recorded(rows(3)), NOW, options))).toEqual([]);
  });
});
