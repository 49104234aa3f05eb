import { describe, expect, test } from 'bun:test';
import { DAY_MS } from '../candles.ts';
import { coinbaseCandlesRoute as route } from './coinbase-candles.ts';
import { recording, served } from './test-recording.ts';

const NOW = Date.UTC(2026, 10, 23, 7);
const TODAY_S = Date.UTC(2026, 10, 23) / 1000;
const DAY_S = DAY_MS / 1000;
const NEWEST_S = Date.UTC(2026, 5, 9) / 1000;

const text = (days: number, stepS = DAY_S) => {
  const row = (_: unknown, i: number) =>
    `[${NEWEST_S - i * stepS}, 10106, 10120.21, 10106.010, 10120.2${i}, 2.85107455]`;
  return `[${Array.from({ length: days }, row).join(', ')}]`;
};

describe('Coinbase’s candles', () => {
  test('are moved by whole days, so that the newest is today’s, and keep every digit', () => {
    const expected = text(3)
      .replace(String(NEWEST_S), String(TODAY_S))
      .replace(String(NEWEST_S - DAY_S), String(TODAY_S - DAY_S))
      .replace(String(NEWEST_S - 2 * DAY_S), String(TODAY_S - 2 * DAY_S));
    expect(served(route, recording(text(3)), NOW)).toBe(expected);
    expect(served(route, recording(text(3)), NOW, { asRecorded: true })).toBe(text(3));
  });

  test('are daily, newest first, in seconds', () => {
    const timeOf = (body: string) => route.recognise(recording(body))?.timeMs ?? null;
    expect(timeOf(text(3))).toBe(NEWEST_S * 1000);
    expect(timeOf(text(3, 60))).toBeNull();
    expect(timeOf(text(3, -DAY_S))).toBeNull();
    expect(timeOf(text(3).replaceAll(/\[(\d{10})/g, '[$1000'))).toBeNull();
    expect(timeOf(text(3).replaceAll(', 2.85107455', ''))).toBeNull();
    expect(timeOf('[]')).toBeNull();
  });

  test('are of BTC-USD, as far as their name or their request says', () => {
    const isOurs = (file: string) => route.recognise(recording(text(3), { file })) !== null;
    expect(isOurs('candles.json')).toBe(true);
    expect(isOurs('candles_BTC-USD.json')).toBe(true);
    expect(isOurs('candles_ETH-USD.json')).toBe(false);
    const request = new URL('https://host/products/BTC-USD/candles');
    expect(route.recognise(recording(text(3), { file: 'ETH-USD.json', request }))).not.toBeNull();
  });

  test('are given by page, newest first, start and end inclusive, every digit as it was', () => {
    const page = (query: string) => served(route, recording(text(5)), NOW, { query });
    const iso = (days: number) => new Date((TODAY_S - days * DAY_S) * 1000).toISOString();
    const row = (i: number) =>
      `[${TODAY_S - i * DAY_S}, 10106, 10120.21, 10106.010, 10120.2${i}, 2.85107455]`;
    const span = `granularity=86400&start=${iso(3)}`;
    expect(page(`${span}&end=${iso(2)}`)).toBe(`[${row(2)},${row(3)}]`);
    expect(page(`granularity=86400&start=${TODAY_S}&end=${TODAY_S}`)).toBe(`[${row(0)}]`);
    expect(page(`${span.replace('86400', '60')}&end=${iso(2)}`)).toBe('[]');
    expect(page('granularity=60')).toBe('[]');
    const all = { query: `granularity=86400&start=${iso(999)}&end=${iso(0)}` };
    const rows = JSON.parse(served(route, recording(text(302)), NOW, all));
    expect(rows.map(([openS]: [number]) => (TODAY_S - openS) / DAY_S)).toEqual(
      Array.from({ length: 300 }, (_, i) => i),
    );
  });

  test('have the minutes that were recorded where they were', () => {
    const options = { query: 'granularity=60', added: [recording(text(3, 60))] };
    const rows = JSON.parse(served(route, recording(text(2)), NOW, options));
    expect(rows.map(([openS]: [number]) => openS)).toEqual([TODAY_S - 60, TODAY_S - 120]);
  });
});
