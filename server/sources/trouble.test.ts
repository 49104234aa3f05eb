import { expect, test } from 'bun:test';
import type { ErrorCode } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createTrouble } from './trouble.ts';

function setUp() {
  const lines: string[] = [];
  const logAs = (level: string) => (_: object, message: string) =>
    void lines.push(`${level}: ${message}`);
  const clock = createManualClock();
  const log = { debug: logAs('debug'), info: logAs('info'), warn: logAs('warn') };
  const trouble = createTrouble(clock, log);
  return {
    clock,
    lines: () => lines.splice(0),
    fail: (code: ErrorCode) => trouble.failed({ code }, code),
    over: (sinceMs?: number) => trouble.over({}, 'well', sinceMs),
  };
}

test('what was never wrong is not over', () => {
  const { lines, over } = setUp();
  over();
  expect(lines()).toEqual([]);
});

test('each kind of failure is a warning once until all is well', () => {
  const { lines, fail, over } = setUp();
  for (const code of ['timeout', 'timeout', 'blocked', 'timeout', 'blocked'] as const) fail(code);
  expect(lines()).toEqual([
    'warn: timeout',
    'debug: timeout',
    'warn: blocked',
    'debug: timeout',
    'debug: blocked',
  ]);
  over();
  over();
  fail('timeout');
  expect(lines()).toEqual(['info: well again after 0 s', 'warn: timeout']);
});

test('it is said how long it took, from the first failure', () => {
  const { clock, lines, fail, over } = setUp();
  fail('timeout');
  clock.advance(7000);
  fail('timeout');
  clock.advance(5400);
  over();
  fail('timeout');
  clock.advance(20_000);
  over(clock.monotonic() - 15_000);
  expect(lines().filter((line) => line.startsWith('info'))).toEqual([
    'info: well again after 12 s',
    'info: well again after 5 s',
  ]);
});
