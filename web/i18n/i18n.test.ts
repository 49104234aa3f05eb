import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { en, type Key } from './en.ts';
import { fngBand, fngLabel, rsiBand, rsiLabel, translator } from './index.ts';
import { vi } from './vi.ts';

const isKey = (key: string): key is Key => Object.hasOwn(en, key);
const KEYS = Object.keys(en).filter(isKey);
const DICTIONARIES: readonly (readonly [string, Readonly<Record<Key, string>>])[] = [
  ['en', en],
  ['vi', vi],
];
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('dictionaries', () => {
  test('both languages have the same keys', () => {
    expect(Object.keys(vi).sort()).toEqual(Object.keys(en).sort());
  });

  test('a key has the same placeholders in both languages', () => {
    for (const key of KEYS) {
      expect({ key, names: placeholders(vi[key]) }).toEqual({ key, names: placeholders(en[key]) });
    }
  });

  test.each(DICTIONARIES)(
    'no sentence of %s is empty, padded, doubly spaced or decomposed',
    (_, d) => {
      for (const key of KEYS) {
        const text = d[key];
        expect(text.trim()).toBe(text);
        expect(text).not.toBe('');
        expect(text).not.toMatch(/\s\s/);
        expect(text.normalize('NFC')).toBe(text);
      }
    },
  );

  test.each(DICTIONARIES)('every brace of %s belongs to a placeholder', (_, dictionary) => {
    for (const key of KEYS) expect(dictionary[key].replace(/\{\w+\}/g, '')).not.toMatch(/[{}]/);
  });

  test.each(DICTIONARIES)('a number of %s never leaves its unit at the end of a line', (_, d) => {
    const unit = /(?:\d|\{n\}) (?:giây|phút|giờ|ngày|năm|s|min|h|d|days|hours)(?![\p{L}])/u;
    // "RSI 14 ngày" is the daily RSI over 14 periods: the number belongs to the word before it.
    for (const key of KEYS) if (key !== 'aria.rsi') expect(d[key]).not.toMatch(unit);
  });

  test('Vietnamese is spelt in one way', () => {
    for (const key of KEYS) expect(vi[key]).not.toMatch(/hoá|tỉ(?!\p{L})|bitcoin/u);
  });
});

describe('translator', () => {
  test('fills in the places of a sentence', () => {
    expect(translator('en')('brief.mood', { label: 'Fear', value: 26 })).toBe(
      'Sentiment: Fear (26/100).',
    );
    expect(translator('vi')('age.minutes', { n: 3 })).toBe('3\u00a0phút trước');
  });

  test('leaves a place that it is given nothing for', () => {
    expect(translator('en')('figure.source', { source: 'Kraken' })).toBe('Source: Kraken · {time}');
    expect(translator('en')('figure.source')).toBe('Source: {source} · {time}');
  });

  test('does not take a value from the prototype of the values', () => {
    const values: Record<string, string> = Object.create({ source: 'inherited' });
    expect(translator('en')('notice.source_back', values)).toBe('{source} is back.');
  });

  test('a value never brings in another placeholder, whatever it looks like', () => {
    const t = translator('en');
    expect(t('why.source', { source: '{error}', error: '$& $1 {source}' })).toBe(
      '{error}: $& $1 {source}',
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), (source, error) => {
        expect(t('why.source', { source, error })).toBe(`${source}: ${error}`);
      }),
    );
  });
});

describe('bands', () => {
  test("Fear & Greed takes the provider's own bounds", () => {
    const bands = [0, 25, 26, 46, 47, 54, 55, 75, 76, 100].map(fngBand);
    expect(bands).toEqual([
      'extreme_fear',
      'extreme_fear',
      'fear',
      'fear',
      'neutral',
      'neutral',
      'greed',
      'greed',
      'extreme_greed',
      'extreme_greed',
    ]);
  });

  test('RSI is oversold below 30 and overbought above 70, and neither at them', () => {
    expect([0, 29.99, 30, 70, 70.01, 100].map(rsiBand)).toEqual([
      'oversold',
      'oversold',
      'neutral',
      'neutral',
      'overbought',
      'overbought',
    ]);
    expect(rsiLabel(translator('vi'), 15.38)).toBe('Quá bán');
  });

  test('the five labels that the provider sends are translated', () => {
    const sent = ['Extreme Fear', 'Fear', 'Neutral', 'Greed', 'Extreme Greed'];
    expect(sent.map((label) => fngLabel(translator('vi'), 50, label))).toEqual([
      'Sợ hãi tột độ',
      'Sợ hãi',
      'Trung lập',
      'Tham lam',
      'Tham lam tột độ',
    ]);
    expect(sent.map((label) => fngLabel(translator('en'), 50, label))).toEqual([
      'Extreme fear',
      'Fear',
      'Neutral',
      'Greed',
      'Extreme greed',
    ]);
  });

  test('a label takes the band of its value when it is unknown or missing', () => {
    const t = translator('en');
    expect(fngLabel(t, 20, 'Panic')).toBe('Extreme fear');
    expect(fngLabel(t, 60, 'constructor')).toBe('Greed');
    expect(fngLabel(t, 80, null)).toBe('Extreme greed');
  });
});
