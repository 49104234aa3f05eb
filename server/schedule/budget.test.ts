import { describe, expect, test } from 'bun:test';
import { ERROR_CODES, type ErrorCode } from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { BLOCKED_PAUSE_MS } from './account.ts';
import { createBudget } from './budget.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { RATE_LIMITED_PAUSE_MS } from './rate-limit-pause.ts';
import type { CallResult } from './schedule.ts';

const GLOBAL = { upstream: 'coingecko', route: '/global' } as const;
const PRICE = { upstream: 'coingecko', route: '/price' } as const;
const RSI = { upstream: 'taapi', route: '/rsi', limits: { minCallIntervalMs: 15_000 } } as const;

type Task = typeof GLOBAL | typeof PRICE | typeof RSI;

const START = Date.UTC(2026, 10, 23, 7);

const ok = (receivedAtMs = START): CallResult<never> => ({ ok: true, readings: [], receivedAtMs });
const failed = (code: ErrorCode, retryAtMs: number | null = null): CallResult<never> => ({
  ok: false,
  code,
  retryAtMs,
});

function setUp() {
  const clock = createManualClock(START);
  const ledger = createMemoryLedger(clock);
  const budget = createBudget<Task>({ clock, random: () => 0.5, ledger }, [GLOBAL, PRICE, RSI]);
  /** Asks, and makes no use of it. */
  const mayCall = (task: Task) => {
    const claim = budget.claim(task, true);
    budget.spend([]);
    return claim === 'granted';
  };
  /** The report of an upstream, its next attempt being the first allowed moment itself. */
  const report = (upstream: 'coingecko' | 'taapi') =>
    budget.reports((ms) => START + ms).get(upstream);
  /** Milliseconds until the route may be called again. */
  const waitOf = (task: Task): number => {
    let waited = 0;
    for (; !mayCall(task) && waited < 4 * 86_400_000; waited += 1000) clock.advance(1000);
    return waited;
  };
  return { clock, budget, mayCall, report, waitOf };
}

describe('an upstream', () => {
  test('may be called at once when nothing is known of it, and has no report', () => {
    const { mayCall, report } = setUp();
    expect([GLOBAL, PRICE, RSI].map(mayCall)).toEqual([true, true, true]);
    expect(report('coingecko')).toBeUndefined();
  });

  test.each<[ErrorCode, number]>([
    ['timeout', 0],
    ['unavailable', 0],
    ['bad_response', 0],
    ['too_large', 0],
    ['rate_limited', RATE_LIMITED_PAUSE_MS],
    ['blocked', BLOCKED_PAUSE_MS],
  ])('that failed with %s is left alone for %p ms', (code, expected) => {
    const { budget, waitOf } = setUp();
    budget.note(RSI, failed(code));
    expect(waitOf(RSI)).toBe(expected);
  });

  test('is left alone as long as it asks to be, shorter or longer than the default', () => {
    for (const seconds of [7, 3600]) {
      const { budget, waitOf } = setUp();
      budget.note(RSI, failed('rate_limited', START + seconds * 1000));
      expect(waitOf(RSI)).toBe(seconds * 1000);
    }
    const { budget, waitOf } = setUp();
    budget.note(RSI, failed('unavailable', START + 120_000));
    expect(waitOf(RSI)).toBe(120_000);
  });

  test('is asked again after a second when the moment it named has passed or is nearer', () => {
    for (const namedMs of [START - 5000, START, START + 200]) {
      const { budget, waitOf } = setUp();
      budget.note(RSI, failed('rate_limited', namedMs));
      expect(waitOf(RSI)).toBe(1000);
    }
  });

  test('waits by the monotonic clock, wherever the wall clock jumps', () => {
    for (const wall of [START - 86_400_000, START + 86_400_000]) {
      const { budget, clock, waitOf } = setUp();
      budget.note(RSI, failed('rate_limited', START + 90_000));
      clock.setWall(wall);
      expect(waitOf(RSI)).toBe(90_000);
    }
  });

  test('is limited as a whole, refused by route, and others are not touched', () => {
    const { budget, clock, mayCall } = setUp();
    budget.note(GLOBAL, failed('rate_limited'));
    budget.note(PRICE, ok());
    expect([GLOBAL, PRICE, RSI].map(mayCall)).toEqual([false, false, true]);
    clock.advance(RATE_LIMITED_PAUSE_MS);
    budget.note(GLOBAL, failed('blocked'));
    budget.note(PRICE, ok());
    expect([GLOBAL, PRICE, RSI].map(mayCall)).toEqual([false, true, true]);
  });

  test('is left alone after a call for as long as it allows no other', () => {
    const { budget, waitOf } = setUp();
    budget.spend([GLOBAL, RSI]);
    budget.note(GLOBAL, ok());
    budget.note(RSI, ok());
    expect([waitOf(GLOBAL), waitOf(RSI)]).toEqual([0, 15_000]);
    budget.spend([GLOBAL]);
    expect(waitOf(RSI)).toBe(0);
  });

  test('is not called earlier because another route named an earlier moment', () => {
    const { budget, waitOf } = setUp();
    budget.note(GLOBAL, failed('rate_limited', START + 300_000));
    budget.note(PRICE, failed('rate_limited', START + 10_000));
    expect(waitOf(PRICE)).toBe(300_000);
  });
});

describe('a report', () => {
  test.each(ERROR_CODES.map((code) => [code]))('names the failure %s and its time', (code) => {
    const { budget, clock, report } = setUp();
    clock.advance(1500);
    budget.note(RSI, failed(code));
    expect(report('taapi')?.error).toEqual({ code, atMs: START + 1500 });
    expect(report('taapi')?.lastSuccessAtMs).toBeNull();
  });

  test('shows the worst route with its error, and the newest success of any', () => {
    const { budget, report } = setUp();
    budget.note(GLOBAL, failed('timeout'));
    budget.note(PRICE, ok(START - 20));
    expect(report('coingecko')).toEqual({
      state: 'failing',
      lastSuccessAtMs: START - 20,
      nextAttemptAtMs: START,
      error: { code: 'timeout', atMs: START },
    });
    budget.note(PRICE, failed('blocked'));
    expect(report('coingecko')).toMatchObject({
      state: 'blocked',
      lastSuccessAtMs: START - 20,
      error: { code: 'blocked' },
    });
  });

  test('is well again after every route has answered', () => {
    const { budget, report } = setUp();
    budget.note(GLOBAL, failed('rate_limited'));
    budget.note(PRICE, failed('unavailable'));
    budget.note(GLOBAL, ok(START + 10));
    expect(report('coingecko')?.state).toBe('failing');
    budget.note(PRICE, ok(START + 20));
    expect(report('coingecko')).toMatchObject({
      state: 'ok',
      lastSuccessAtMs: START + 20,
      error: null,
    });
  });

  test('names the first moment at which any route may be called', () => {
    const { budget, report } = setUp();
    budget.note(RSI, failed('rate_limited'));
    expect(report('taapi')?.nextAttemptAtMs).toBe(START + RATE_LIMITED_PAUSE_MS);
    budget.note(GLOBAL, failed('blocked'));
    expect(report('coingecko')?.nextAttemptAtMs).toBe(START);
    budget.note(PRICE, failed('blocked'));
    expect(report('coingecko')?.nextAttemptAtMs).toBe(START + BLOCKED_PAUSE_MS);
  });
});
