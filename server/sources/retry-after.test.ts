import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { MAX_RETRY_AFTER_S, retryAtMs } from './retry-after.ts';

const NOW = Date.UTC(2025, 6, 25, 14, 53, 30);

/** Seconds to wait by these headers; `null` for none. */
const waitS = (headers: Record<string, string>): number | null => {
  const at = retryAtMs(new Headers(headers), NOW);
  return at === null ? null : (at - NOW) / 1000;
};

describe('retryAtMs', () => {
  test.each<[string, Record<string, string>, number | null]>([
    ['seconds', { 'retry-after': '119' }, 119],
    ['an HTTP date', { 'retry-after': 'Fri, 25 Jul 2025 14:55:00 GMT' }, 90],
    ['nothing', {}, null],
    ['an empty value', { 'retry-after': '' }, null],
    ['0', { 'retry-after': '0' }, null],
    ['a negative number', { 'retry-after': '-5' }, null],
    ['a huge number', { 'retry-after': '999999999999999999999999' }, MAX_RETRY_AFTER_S],
    ['a date far ahead', { 'retry-after': 'Sat, 25 Jul 2125 14:55:00 GMT' }, MAX_RETRY_AFTER_S],
    ['a date in the past', { 'retry-after': 'Fri, 25 Jul 2025 14:00:00 GMT' }, null],
    ['a date that does not exist', { 'retry-after': 'Fri, 99 Jul 2025 14:55:00 GMT' }, null],
    ['a word', { 'retry-after': 'soon' }, null],
    ['an exponent', { 'retry-after': '1e3' }, null],
    ['a fraction', { 'retry-after': '1.5' }, null],
    ['a reset date', { 'x-ratelimit-reset': '2025-07-25 14:54:00 +0000' }, 30],
    ['a reset date in a zone', { 'x-ratelimit-reset': '2025-07-25 16:54:00 +0200' }, 30],
    ['a reset in unix seconds', { 'x-ratelimit-reset': String(NOW / 1000 + 45) }, 45],
    ['a reset that is a duration', { 'x-ratelimit-reset': '45' }, null],
    ['a reset in the past', { 'x-ratelimit-reset': '2025-07-25 14:53:00 +0000' }, null],
    ['a reset that is no date', { 'x-ratelimit-reset': '2025-99-25 14:54:00 +0000' }, null],
    ['an unreadable reset', { 'x-ratelimit-reset': 'tomorrow' }, null],
    ['both', { 'retry-after': '5', 'x-ratelimit-reset': '2025-07-25 14:54:00 +0000' }, 5],
    [
      'an unreadable one beside a reset',
      { 'retry-after': 'soon', 'x-ratelimit-reset': '2025-07-25 14:54:00 +0000' },
      30,
    ],
  ])('pitfall 3: reads %s', (_name, headers, expected) => {
    expect(waitS(headers)).toBe(expected);
  });

  test("measures a date against the upstream's own clock", () => {
    const headers = {
      date: 'Fri, 25 Jul 2025 12:00:00 GMT',
      'retry-after': 'Fri, 25 Jul 2025 12:00:20 GMT',
    };
    expect(waitS(headers)).toBe(20);
  });

  test('is ahead of now and within the longest wait, whatever is sent', () => {
    const text = fc.oneof(
      fc.stringMatching(/^[ -~]*$/),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(text, text, (after, reset) => {
        const at = retryAtMs(
          new Headers({ 'retry-after': after, 'x-ratelimit-reset': reset }),
          NOW,
        );
        if (at === null) return;
        expect(at).toBeGreaterThan(NOW);
        expect(at).toBeLessThanOrEqual(NOW + MAX_RETRY_AFTER_S * 1000);
      }),
    );
  });
});
