import { describe, expect, test } from 'bun:test';
import { DAY_MS } from '../candles.ts';
import { krakenCandlesRoute as route } from './kraken-candles.ts';
import { recording, served } from './test-recording.ts';

const NOW = Date.UTC(2026, 10, 23, 7);
const TODAY_S = Date.UTC(2026, 10, 23) / 1000;
const DAY_S = DAY_MS / 1000;
const FIRST_S = Date.UTC(2026, 5, 1) / 1000;

const text = (days: number, stepS = DAY_S, pair = 'XXBTZUSD') => {
  const rows = Array.from(
    { length: days },
    (_, i) =>
      `[${FIRST_S + i * stepS}, "1.10", "1.20", "1.00", "1.1${i}", "1.10", "5.00000000", 42928]`,
  );
  return `{"error": [], "result": {"${pair}": [${rows.join(', ')}], "last": ${FIRST_S + (days - 2) * stepS}}}`;
};

describe('Kraken’s /OHLC', () => {
  test('moves every row and the cursor by whole days, so that the newest is today’s', () => {
    const recorded = text(3);
    const expected = [0, 1, 2].reduceRight(
      (moved, i) =>
        moved.replaceAll(String(FIRST_S + i * DAY_S), String(TODAY_S + (i - 2) * DAY_S)),
      recorded,
    );
    expect(served(route, recording(recorded), NOW)).toBe(expected);
    expect(JSON.parse(expected).result.last).toBe(TODAY_S - DAY_S);
    expect(served(route, recording(recorded), NOW, { asRecorded: true })).toBe(recorded);
  });

  test('is daily, of BTC in dollars', () => {
    const timeOf = (body: string) => route.recognise(recording(body))?.timeMs ?? null;
    expect(timeOf(text(3))).toBe((FIRST_S + 2 * DAY_S) * 1000);
    expect(timeOf(text(3, DAY_S, 'XBTUSD'))).toBe((FIRST_S + 2 * DAY_S) * 1000);
    expect(timeOf(text(3, DAY_S, 'XBTUSDT'))).toBeNull();
    expect(timeOf(text(3, 60))).toBeNull();
    expect(timeOf(text(3, 7 * DAY_S))).toBeNull();
    expect(timeOf(text(3).replaceAll(', 42928', ''))).toBeNull();
    for (const body of ['[]', '{"error":["EQuery:Unknown asset pair"]}', '{"result":{}}']) {
      expect(timeOf(body)).toBeNull();
    }
  });

  test('is given after a moment, and empty at lengths that were not recorded', () => {
    const after = (query: string) =>
      JSON.parse(served(route, recording(text(4)), NOW, { query })).result;
    const days = after(`interval=1440&since=${TODAY_S - 2 * DAY_S}`);
    expect(days.XXBTZUSD).toEqual([
      [TODAY_S - DAY_S, '1.10', '1.20', '1.00', '1.12', '1.10', '5.00000000', 42_928],
      [TODAY_S, '1.10', '1.20', '1.00', '1.13', '1.10', '5.00000000', 42_928],
    ]);
    expect(days.last).toBe(TODAY_S - DAY_S);
    const most = JSON.parse(
      served(route, recording(text(725)), NOW, { query: 'interval=1440&since=0' }),
    );
    expect(most.result.XXBTZUSD).toHaveLength(720);
    expect(most.result.XXBTZUSD.at(-1)[0]).toBe(TODAY_S);
    expect(after('interval=5')).toEqual({ XXBTZUSD: [], last: 0 });
    expect(after('interval=60&since=1')).toEqual({ XXBTZUSD: [], last: 0 });
  });
});
