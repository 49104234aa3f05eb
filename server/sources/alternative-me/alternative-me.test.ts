import { describe, expect, test } from 'bun:test';
import { changed, describePollContract, RECEIPT, refusedAs } from '../poll-contract.ts';
import type { Receipt } from '../source.ts';
import { alternativeMe } from './alternative-me.ts';
import fng from './fixtures/fng.json';
import { fngPoll } from './fng.ts';
import { labelOf } from './label.ts';

describePollContract('/fng/', fngPoll, fng);

const TODAY_MS = Date.UTC(2026, 10, 23);
const UNTIL_UPDATE = ['data', 0, 'time_until_update'] as const;

const read = (body: unknown, receipt: Receipt = RECEIPT) => fngPoll.read(body, receipt)[0];
const figuresOf = (body: unknown, receipt: Receipt = RECEIPT) => {
  const reading = read(body, receipt);
  return reading?.figure === 'fng' ? reading.value : null;
};

describe('the Fear & Greed index', () => {
  test('is asked for with a slash at the end, as unix time, for 31 days', () => {
    expect(alternativeMe.limits()).toEqual({ perMinute: 60 });
    expect(
      alternativeMe.polls.map((poll) => poll.request({ key: null, plan: null, coins: ['BTC'] })),
    ).toEqual([{ path: '/fng/', query: { limit: '31', format: 'json' }, maxBodyBytes: 65_536 }]);
  });

  test('is the newest value, dated by the stamp of its day, with the days before', () => {
    expect(read(fng)).toEqual({
      source: 'alternative_me',
      connection: '/fng/',
      eventTimeMs: TODAY_MS,
      asOfMs: TODAY_MS,
      receivedAtMs: RECEIPT.receivedAtMs,
      staleAfterS: 108_000,
      figure: 'fng',
      value: {
        value: 26,
        label: 'Fear',
        nextUpdateAtMs: TODAY_MS + 86_400_000,
        history: {
          yesterday: { value: 28, label: 'Fear' },
          last_week: { value: 47, label: 'Neutral' },
          last_month: { value: 24, label: 'Extreme Fear' },
        },
      },
    });
  });

  test('pitfall 25: it is the newest value in any order, never the last one sent', () => {
    expect(read({ ...fng, data: fng.data.toReversed() })).toEqual(read(fng));
  });

  test('pitfall 24: it is still that of yesterday shortly after midnight', () => {
    const receivedAtMs = TODAY_MS + 86_400_000 + 90_000;
    expect(read(fng, { ...RECEIPT, receivedAtMs })?.asOfMs).toBe(TODAY_MS);
  });

  test.each(['0', '5', '100'])('pitfall 21: the text %p is a value', (value) => {
    expect(figuresOf(changed(fng, ['data', 0, 'value'], value))?.value).toBe(Number(value));
  });

  test.each(['101', '-1', 'abc', '', ' 26 ', '26.5', '2.6e1', '0x1A', '026', 26, null, true])(
    'pitfall 21: there is no answer with a newest value of %p',
    (value) => {
      const body = changed(fng, ['data', 0, 'value'], value);
      expect(refusedAs(fngPoll, body)).toBe('bad_response');
    },
  );

  test.each<[string, unknown]>([
    ['without days', { ...fng, data: [] }],
    ['with an error beside the days', { ...fng, metadata: { error: 'Invalid limit' } }],
  ])('pitfall 22: there is no answer %s', (_name, body) => {
    expect(refusedAs(fngPoll, body)).toBe('bad_response');
  });

  test.each<[string, unknown]>([
    ['as stamp', changed(fng, ['data', 0, 'timestamp'], '11-23-2026')],
    ['further back', changed(fng, ['data', 9, 'timestamp'], '2026-11-14')],
  ])('pitfall 28: there is no answer with a date in words %s', (_name, body) => {
    expect(refusedAs(fngPoll, body)).toBe('bad_response');
  });

  test.each<[string, unknown]>([
    ['with more days than anybody asked for', { ...fng, data: Array(101).fill(fng.data[0]) }],
    ['with a stamp that is a number', changed(fng, ['data', 0, 'timestamp'], 1795392000)],
    ['with a fraction of a stamp', changed(fng, ['data', 0, 'timestamp'], '1795392000.5')],
    ['with a stamp of 0', changed(fng, ['data', 0, 'timestamp'], '0')],
    ['without a stamp', changed(fng, ['data', 0, 'timestamp'])],
  ])('is no answer %s', (_name, body) => {
    expect(refusedAs(fngPoll, body)).toBe('bad_response');
  });

  test('pitfall 22: it needs no metadata', () => {
    expect(refusedAs(fngPoll, changed(fng, ['metadata']))).toBeNull();
    expect(refusedAs(fngPoll, { ...fng, metadata: {} })).toBeNull();
  });

  test('pitfall 27: a day that is missing or unreadable has no value, and not its neighbour’s', () => {
    const history = figuresOf(
      changed(changed(fng, ['data', 7]), ['data', 1, 'value'], 'abc'),
    )?.history;
    expect(history).toEqual({
      yesterday: null,
      last_week: null,
      last_month: { value: 24, label: 'Extreme Fear' },
    });
  });

  test('counts days by the calendar where stamps are not at midnight', () => {
    const data = fng.data.slice(0, 2).map((day, index) => ({
      ...day,
      timestamp: String(Number(day.timestamp) + (index === 0 ? 0 : 5 * 3600)),
    }));
    expect(figuresOf({ ...fng, data })?.history.yesterday).toEqual({ value: 28, label: 'Fear' });
  });

  test('pitfall 26: the label that was sent stands, even where another would be expected', () => {
    expect(
      figuresOf(changed(fng, ['data', 0, 'value_classification'], 'Extreme Greed'))?.label,
    ).toBe('Extreme Greed');
  });

  test.each([undefined, null, '', 'fear', 'Angst', 3])(
    'pitfall 26: a label of %p is replaced by the name of the band',
    (label) => {
      expect(figuresOf(changed(fng, ['data', 0, 'value_classification'], label))?.label).toBe(
        'Fear',
      );
    },
  );

  test.each([
    [0, 'Extreme Fear'],
    [25, 'Extreme Fear'],
    [26, 'Fear'],
    [46, 'Fear'],
    [47, 'Neutral'],
    [54, 'Neutral'],
    [55, 'Greed'],
    [75, 'Greed'],
    [76, 'Extreme Greed'],
    [100, 'Extreme Greed'],
  ])('calls %p %s, as the provider does', (value, label) => {
    expect(labelOf(value, null)).toBe(label);
  });
});

describe('the announced next value', () => {
  test('does not move with the seconds a poll takes', () => {
    const at = (receivedAtMs: number, ageS: number, untilS: number) =>
      figuresOf(changed(fng, UNTIL_UPDATE, String(untilS)), { ...RECEIPT, receivedAtMs, ageS })
        ?.nextUpdateAtMs;
    expect(at(RECEIPT.receivedAtMs, 0, 61_230)).toBe(TODAY_MS + 86_400_000);
    expect(at(RECEIPT.receivedAtMs + 300_000, 0, 60_870)).toBe(TODAY_MS + 86_400_000);
    expect(at(RECEIPT.receivedAtMs, 240, 61_440)).toBe(TODAY_MS + 86_400_000);
  });

  test('pitfall 23: a time of 0 until the next value is now', () => {
    expect(figuresOf(changed(fng, UNTIL_UPDATE, '0'))?.nextUpdateAtMs).toBe(RECEIPT.receivedAtMs);
  });

  test.each([undefined, null, '', '-30', 'soon', '1e4', 61_180, '9'.repeat(12)])(
    'pitfall 23: a time of %p until the next value is not known',
    (until) => {
      expect(figuresOf(changed(fng, UNTIL_UPDATE, until))).toMatchObject({
        value: 26,
        nextUpdateAtMs: null,
      });
    },
  );
});
