import { describe, expect, test } from 'bun:test';
import { safeParse } from 'valibot';
import { createFaults, FaultSchema } from './faults.ts';

describe('FaultSchema', () => {
  test.each([
    [{ status: 503, headers: { 'Retry-After': '2' }, body: '' }],
    [{ body: null }],
    [{ body: { data: [] }, delayMs: 10, times: 3 }],
    [{ dripBytesPerS: 1, cutAfterBytes: 0 }],
    [{ redirectTo: '/elsewhere', status: 307 }],
    [{ hugeBytes: 100_000_000 }],
  ])('accepts %j', (fault) => {
    expect(safeParse(FaultSchema, fault).success).toBe(true);
  });

  test.each([
    [{}],
    [{ times: 1 }],
    [{ times: 0, reset: true }],
    [{ status: 99 }],
    [{ status: '500' }],
    [{ delayMs: -1 }],
    [{ delayMs: 1e9 }],
    [{ dripBytesPerS: 0 }],
    [{ html: false }],
    [{ html: true, malformed: true }],
    [{ headers: { 'bad name': 'x' } }],
    [{ headers: { name: 'two\r\nlines' } }],
    [{ redirectTo: 'two\r\nlines' }],
    [{ dealy: 5 }],
    [null],
    ['reset'],
  ])('refuses %j', (fault) => {
    expect(safeParse(FaultSchema, fault).success).toBe(false);
  });
});

describe('createFaults', () => {
  test('answers badly until the fault is taken away', () => {
    const faults = createFaults();
    faults.set({ '/a': { reset: true }, '/b': { status: 500 } });
    expect(faults.take('/a')).toEqual({ reset: true });
    expect(faults.take('/a')).toEqual({ reset: true });
    expect(faults.take('/c')).toBeNull();
    faults.set({ '/a': null });
    expect(faults.take('/a')).toBeNull();
    expect(faults.all()).toEqual({ '/b': { status: 500 } });
    faults.clear();
    expect(faults.take('/b')).toBeNull();
  });

  test('answers badly only as many times as it was told, and says how many are left', () => {
    const faults = createFaults();
    faults.set({ '/a': { status: 500, times: 2 } });
    expect(faults.take('/a')?.status).toBe(500);
    expect(faults.all()).toEqual({ '/a': { status: 500, times: 1 } });
    expect(faults.take('/a')?.status).toBe(500);
    expect(faults.take('/a')).toBeNull();
    expect(faults.all()).toEqual({});
  });
});
