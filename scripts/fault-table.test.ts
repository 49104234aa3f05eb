import { describe, expect, test } from 'bun:test';
import { holdsAll, printFaultRows, readFaultRows } from './fault-table.ts';

const announced = (id: string) => JSON.stringify({ id, required: `what ${id} is about` });
const measured = (id: string, value: unknown = '3 ms', pass: unknown = true) =>
  JSON.stringify({ id, measured: value, pass });

const verdicts = (lines: readonly string[], counts = [1]) =>
  readFaultRows(lines, counts).map(({ id, verdict }) => `${id} ${verdict}`);

describe('the table of faults', () => {
  test('holds when every case was announced, measured, and passed', () => {
    const lines = [announced('1.1'), announced('1.2'), measured('1.2'), measured('1.1', '5')];
    const rows = readFaultRows(lines, [2]);
    expect(rows).toEqual([
      { id: '1.1', required: 'what 1.1 is about', measured: '5', verdict: 'pass' },
      { id: '1.2', required: 'what 1.2 is about', measured: '3 ms', verdict: 'pass' },
    ]);
    expect(holdsAll(rows)).toBe(true);
  });

  test('does not hold when there is nothing in it', () => {
    expect(holdsAll(readFaultRows([], []))).toBe(false);
    expect(holdsAll(readFaultRows(['', '{', '[]', 'null', '"x"', '{"id":1}'], []))).toBe(false);
  });

  test.each([
    ['a case that did not pass', [announced('1.1'), measured('1.1', '9 s', false)], '1.1 FAIL'],
    [
      'one that does not say whether it did',
      [announced('1.1'), measured('1.1', '9 s', 1)],
      '1.1 FAIL',
    ],
    ['one that was announced and never measured', [announced('1.1')], '1.1 NOT MEASURED'],
    ['an empty value', [announced('1.1'), measured('1.1', ' ')], '1.1 NOT MEASURED'],
    ['a value that is no text', [announced('1.1'), measured('1.1', 3)], '1.1 NOT MEASURED'],
    [
      'a number that was never read',
      [announced('1.1'), measured('1.1', 'NaN ms')],
      '1.1 NOT MEASURED',
    ],
    [
      'a figure that was not there',
      [announced('1.1'), measured('1.1', 'p99 null')],
      '1.1 NOT MEASURED',
    ],
    [
      'a field that was not there',
      [announced('1.1'), measured('1.1', 'undefined')],
      '1.1 NOT MEASURED',
    ],
    ['one that nobody announced', [measured('1.1')], '1.1 NOT ANNOUNCED'],
    ['two of one name', [announced('1.1'), announced('1.1'), measured('1.1')], '1.1 TWICE'],
    ['two results', [announced('1.1'), measured('1.1', '9', false), measured('1.1')], '1.1 TWICE'],
  ])('does not hold with %s', (_, lines, expected) => {
    expect(verdicts(lines)).toEqual([expected]);
    expect(holdsAll(readFaultRows(lines, [2]))).toBe(false);
  });

  test('does not hold while a case is missing, or is on no list', () => {
    const lines = ['1.1', '2.1', '3.1', '3.3'].flatMap((id) => [announced(id), measured(id)]);
    expect(verdicts(lines, [1, 2, 1])).toEqual([
      '1.1 pass',
      '2.1 pass',
      '2.2 MISSING',
      '3.1 pass',
      '3.3 NOT LISTED',
    ]);
    expect(holdsAll(readFaultRows(lines, [1, 2, 3]))).toBe(false);
    expect(holdsAll(readFaultRows(lines.slice(0, 6), [1, 2, 1]))).toBe(false);
    expect(holdsAll(readFaultRows(lines.slice(0, 6), [1, 1, 1]))).toBe(true);
  });

  test('is printed with every column, and keeps to one line a case', () => {
    const lines = [announced('1.1'), announced('1.2'), measured('1.1', 'a | b\nc')];
    expect(printFaultRows(readFaultRows(lines, [2]))).toBe(
      [
        '| case | required          | measured  | pass         |',
        '| ---- | ----------------- | --------- | ------------ |',
        '| 1.1  | what 1.1 is about | a / b / c | pass         |',
        '| 1.2  | what 1.2 is about | —         | NOT MEASURED |',
      ].join('\n'),
    );
  });
});
