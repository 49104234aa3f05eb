import { describe, expect, test } from 'bun:test';
import { fngRoute } from './fng.ts';
import { recording, served } from './test-recording.ts';

const NOW = Date.UTC(2026, 10, 23, 7);
const TODAY = Date.UTC(2026, 10, 23) / 1000;
const DAY = 86_400;

const DAYS = `[{"value":"73","value_classification":"Greed","timestamp":"1790640000","time_until_update":"16018"},
 {"value":"74","value_classification":"Greed","timestamp":"1790553600"},
 {"value":"9","value_classification":"Extreme Fear","timestamp":"1790380800"}]`;
const TEXT = `{"name":"Fear and Greed Index","data":${DAYS},"metadata":{"error":null}}`;

const stamps = (text: string) =>
  JSON.parse(text).data.map(({ timestamp }: { timestamp: string }) => Number(timestamp));

describe('/fng/', () => {
  test('moves all days by the same whole number of days, so that the newest is today', () => {
    const text = served(fngRoute, recording(TEXT), NOW, { query: 'limit=31' });
    expect(stamps(text)).toEqual([TODAY, TODAY - DAY, TODAY - 3 * DAY]);
    const { data, name, metadata } = JSON.parse(text);
    expect({ name, metadata }).toEqual({ name: 'Fear and Greed Index', metadata: { error: null } });
    expect(data[0]).toMatchObject({ value: '73', time_until_update: String(17 * 3600) });
    expect(data[1]).toEqual({
      value: '74',
      value_classification: 'Greed',
      timestamp: String(TODAY - DAY),
    });
  });

  test('keeps the time of day of stamps that are not at midnight', () => {
    const text = TEXT.replace('1790640000', String(1_790_640_000 + 5 * 3600));
    expect(stamps(served(fngRoute, recording(text), NOW))).toEqual([TODAY + 5 * 3600]);
  });

  test('gives the newest days up to the limit: one without a word, all with 0', () => {
    const count = (query: string) =>
      stamps(served(fngRoute, recording(TEXT), NOW, { query })).length;
    expect([count(''), count('limit=2'), count('limit=0'), count('limit=x')]).toEqual([1, 2, 3, 1]);
  });

  test('is sent with its own times when that is asked for', () => {
    const options = { query: 'limit=0', asRecorded: true };
    expect(JSON.parse(served(fngRoute, recording(TEXT), NOW, options))).toEqual(JSON.parse(TEXT));
  });

  test('puts an envelope around days that were recorded alone', () => {
    const alone = served(fngRoute, recording(DAYS), NOW, { query: 'limit=0' });
    expect(alone).toBe(served(fngRoute, recording(TEXT), NOW, { query: 'limit=0' }));
  });

  test('is recognised by its newest day, and only with days', () => {
    expect(fngRoute.recognise(recording(TEXT))?.timeMs).toBe(1_790_640_000_000);
    for (const text of ['[]', '{"data":[]}', '{"data":[{"value":12,"timestamp":"1790640000"}]}']) {
      expect(fngRoute.recognise(recording(text))).toBeNull();
    }
  });

  test('has the older days of other recordings behind its own, moved by as much', () => {
    const other = `[{"value":"1","timestamp":"1790640000","time_until_update":"5"},
      {"value":"2","timestamp":"1790380800"},{"value":"3","timestamp":"1790294400"}]`;
    const oldest = '[{"value":"4","timestamp":"1790121600","time_until_update":"7"}]';
    const options = { query: 'limit=0', added: [recording(oldest), recording(other)] };
    const { data } = JSON.parse(served(fngRoute, recording(TEXT), NOW, options));
    expect(data.slice(3)).toEqual([
      { value: '3', timestamp: String(TODAY - 4 * DAY) },
      { value: '4', timestamp: String(TODAY - 6 * DAY) },
    ]);
    expect(data).toHaveLength(5);
    const two = { ...options, query: 'limit=2' };
    expect(stamps(served(fngRoute, recording(TEXT), NOW, two))).toEqual([TODAY, TODAY - DAY]);
  });

  test('is short when it holds less than a month', () => {
    const days = (count: number) =>
      JSON.stringify(
        Array.from({ length: count }, (_, i) => ({
          value: '50',
          timestamp: String(1_790_640_000 - i * DAY),
        })),
      );
    expect(fngRoute.recognise(recording(days(30)))?.isShort).toBe(true);
    expect(fngRoute.recognise(recording(days(31)))?.isShort).toBe(false);
  });
});
