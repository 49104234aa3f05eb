import { expect, test } from 'bun:test';
import { readCounts } from './steps.ts';

test('the counts of a run are its closing lines', () => {
  expect(readCounts('x\n\n 12 pass\n 3 fail\n 40 expect() calls\n', false)).toEqual({
    passed: 12,
    failed: 3,
  });
});

test('a run that fails without a count, or counts nothing at all, is one failure', () => {
  expect(readCounts(' 12 pass\n 0 fail\n', false)).toEqual({ passed: 12, failed: 1 });
  expect(readCounts('', true)).toEqual({ passed: 0, failed: 1 });
});
