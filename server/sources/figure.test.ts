import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { safeParse } from 'valibot';
import { decimalText, figure, figureOrNull, orNull } from './figure.ts';

const decimal = (text: unknown): number | null => {
  const parsed = safeParse(decimalText(), text);
  return parsed.success ? parsed.output : null;
};

describe('decimalText', () => {
  test.each<[string, number]>([
    ['0', 0],
    ['73', 73],
    ['-2.071', -2.071],
    ['86128.01000000', 86128.01],
    ['0.00000000', 0],
  ])('reads %p', (text, value) => {
    expect(decimal(text)).toBe(value);
  });

  test.each(
    '| |12 | 12|1,234.5|NaN|Infinity|-Infinity|null|-|+5|.5|5.|007|0x10|0b1|1e3|1_000|٣|1\n'
      .split('|')
      .concat('9'.repeat(400)),
  )('pitfall 7: refuses %p', (text) => {
    expect(decimal(text)).toBeNull();
  });

  test.each([0, 12, true, null, undefined, {}])(
    'pitfall 7: refuses %p, which is no text',
    (value) => {
      expect(decimal(value)).toBeNull();
    },
  );

  test('gives a finite number for what it reads, the same as `Number`', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String)), (text) => {
        const value = decimal(text);
        if (value === null) return;
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBe(Number(text));
      }),
    );
  });
});

describe('figure', () => {
  test('takes numbers in range and nothing else', () => {
    expect(safeParse(figure('price'), 77705).success).toBe(true);
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '77705', null, undefined]) {
      expect(safeParse(figure('price'), value).success).toBe(false);
    }
  });

  test('reads as null where it may be missing', () => {
    for (const value of [0, '77705', null, undefined, {}]) {
      expect(safeParse(figureOrNull('price'), value).output).toBeNull();
    }
    expect(safeParse(figureOrNull('price'), 77705).output).toBe(77705);
    expect(safeParse(orNull(decimalText()), '1e3').output).toBeNull();
  });
});
