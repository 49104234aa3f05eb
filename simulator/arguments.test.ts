import { describe, expect, test } from 'bun:test';
import { ArgumentError, readOptions, readPort, readWhole } from './arguments.ts';

const OPTIONS = { port: { type: 'string' }, quiet: { type: 'boolean' } } as const;

describe('readOptions', () => {
  test('reads what it knows', () => {
    const { values } = readOptions(['--port', '81', '--quiet'], OPTIONS);
    expect(values).toMatchObject({ port: '81', quiet: true });
  });

  test.each([[['--prot', '81']], [['--port']], [['stray']], [['--quiet=1']]])(
    'refuses %j in one line',
    (args) => {
      expect(() => readOptions(args, OPTIONS)).toThrow(ArgumentError);
      expect(() => readOptions(args, OPTIONS)).toThrow(/^[^\n]+$/);
    },
  );
});

describe('readWhole', () => {
  test('takes whole numbers within the bounds and the fallback for none', () => {
    const bounds = { min: 1, max: 10, fallback: 3 };
    expect(readWhole('--n', '10', bounds)).toBe(10);
    expect(readWhole('--n', undefined, bounds)).toBe(3);
    for (const text of ['0', '11', '', '1.5', '-1', '0x1', 'ten']) {
      expect(() => readWhole('--n', text, bounds)).toThrow('--n must be a whole number');
    }
  });

  test('takes 0 as a port that is chosen for it', () => {
    expect(readPort(undefined)).toBe(0);
    expect(readPort('65535')).toBe(65_535);
    expect(() => readPort('65536')).toThrow(ArgumentError);
  });
});
