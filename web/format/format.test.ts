import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  type Direction,
  directionOf,
  type FormatLanguage,
  formatAge,
  formatChange,
  formatClock,
  formatDuration,
  formatIn,
  formatPrice,
  type SayAge,
} from './index.ts';
import { written } from './written-contract.ts';

/** A dictionary that repeats what it is asked. */
const say: SayAge = (key, values = {}) =>
  [key, ...Object.values(values).map((value) => `${value}`)].join(' ');

const LANGUAGES: readonly FormatLanguage[] = ['vi', 'en'];
const MARKS: Readonly<Record<Direction, string>> = { up: '▲+', down: '▼−', flat: '' };
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AS_OF = Date.UTC(2026, 10, 24, 7);

describe('numbers and times', () => {
  test.each(written().map(([...row]) => row))('%s', (_, actual, expected) => {
    expect(actual.replaceAll('\u00a0', '~')).toBe(expected);
  });

  test('no price is ever written as zero', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-18, max: 1e15, noNaN: true }), (value) => {
        for (const language of LANGUAGES) expect(formatPrice(value, language)).toMatch(/[1-9]/);
      }),
    );
  });

  test('arrow, sign and direction of a change always agree', () => {
    fc.assert(
      fc.property(fc.double({ min: -100, max: 1000, noNaN: true }), (value) => {
        for (const language of LANGUAGES) {
          const { arrow, text, direction, whole } = formatChange(value, language);
          const sign = text.replace(/[\d.,%]/g, '');
          expect(`${arrow}${sign}`).toBe(MARKS[direction]);
          expect(whole.endsWith(text)).toBe(true);
          expect(directionOf(value)).toBe(direction);
        }
      }),
    );
  });

  test('a formatter is made once, and the number that is kept has an end', () => {
    const Original = Intl.DateTimeFormat;
    let made = 0;
    Intl.DateTimeFormat = new Proxy(Original, {
      construct(target, args: ConstructorParameters<typeof Original>) {
        made++;
        return new target(...args);
      },
    });
    try {
      for (let i = 0; i < 100; i++) formatClock(AS_OF + i, 'en', 'Pacific/Chatham');
      expect(made).toBe(1);
      for (let i = 0; i < 14; i++) formatClock(AS_OF, 'en', `Etc/GMT-${i}`);
      for (let i = 1; i < 13; i++) formatClock(AS_OF, 'en', `Etc/GMT+${i}`);
      formatClock(AS_OF, 'en', 'Pacific/Chatham');
      expect(made).toBe(1 + 14 + 12 + 1);
    } finally {
      Intl.DateTimeFormat = Original;
    }
  });
});

describe('ages', () => {
  const ages: [number, string][] = [
    [-5 * SECOND, 'age.now'],
    [0, 'age.now'],
    [1999, 'age.now'],
    [2 * SECOND, 'age.seconds 2'],
    [MINUTE - 1, 'age.seconds 59'],
    [MINUTE, 'age.minutes 1'],
    [HOUR - 1, 'age.minutes 59'],
    [HOUR, 'age.hours 1'],
    [48 * HOUR - 1, 'age.hours 47'],
    [48 * HOUR, 'age.days 2'],
    [7 * DAY - 1, 'age.days 6'],
    [7 * DAY, 'age.on 24/11/2026'],
    [4000 * DAY, 'age.on 24/11/2026'],
  ];
  test.each(ages)('an age of %d ms is %s', (age, expected) => {
    expect(formatAge(say, age, AS_OF, 'vi', 'UTC')).toBe(expected);
  });

  test("the date of an old figure is the one of the reader's zone", () => {
    const late = Date.UTC(2026, 10, 24, 23);
    expect(formatAge(say, 8 * DAY, late, 'en', 'UTC')).toBe('age.on Nov 24, 2026');
    expect(formatAge(say, 8 * DAY, late, 'en', 'Asia/Ho_Chi_Minh')).toBe('age.on Nov 25, 2026');
  });

  const waits: [number, string][] = [
    [-HOUR, 'in.now'],
    [0, 'in.now'],
    [29 * SECOND, 'in.now'],
    [30 * SECOND, 'in.minutes 1'],
    [59 * MINUTE, 'in.minutes 59'],
    [59.6 * MINUTE, 'in.hours 1'],
    [17 * HOUR, 'in.hours 17'],
  ];
  test.each(waits)('%d ms from now is %s', (wait, expected) => {
    expect(formatIn(say, wait)).toBe(expected);
  });

  const durations: [number, string][] = [
    [0, 'duration.seconds 1'],
    [42_300, 'duration.seconds 42'],
    [59_600, 'duration.minutes 1'],
    [59 * MINUTE, 'duration.minutes 59'],
    [90 * MINUTE, 'duration.hours 2'],
  ];
  test.each(durations)('something that took %d ms took %s', (took, expected) => {
    expect(formatDuration(say, took)).toBe(expected);
  });
});
