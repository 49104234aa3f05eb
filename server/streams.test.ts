import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../contract/manual-clock.ts';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { createMemoryLedger } from './schedule/memory-ledger.ts';
import { createStoredLedger } from './schedule/stored-ledger.ts';
import type { Connect, StreamEnd } from './sources/stream.ts';
import { ATTEMPTS_WINDOW_MS, MAX_ATTEMPTS } from './sources/stream-backoff.ts';
import { createStreamMemory } from './sources/stream-memory.ts';
import type { StoredBudget } from './store/store.ts';
import { startStreams, streamPauses } from './streams.ts';

const NO_END: StreamEnd = { status: null, retryAtMs: null, closeCode: null, isTooLarge: false };

/** How an exchange answers a handshake; `null` = it consents. */
type Answer = ((nowMs: number) => Partial<StreamEnd>) | null;

/** Exchanges of which Binance answers as the test says, and processes that stream from them one after another. */
function setUp(answer: Answer) {
  const clock = createManualClock();
  const { log } = createLog('silent', false);
  const rows = new Map<string, StoredBudget>();
  const shelf = {
    loadBudgets: () => [...rows.values()],
    saveBudget: (row: StoredBudget) => void rows.set(row.upstream, row),
  };
  const attempts: number[] = [];
  const connect: Connect = (url, _headers, events) => {
    if (url.includes('binance')) {
      attempts.push(clock.monotonic());
      clock.after(5, () => {
        if (answer === null) events.opened();
        else events.ended({ ...NO_END, ...answer(clock.now()) });
      });
    }
    return { send() {}, terminate() {} };
  };
  const startProcess = (ledger = createStoredLedger(clock, shelf)) => {
    const random = () => 0.5;
    const streamMemory = createStreamMemory({ clock, random, log, pauses: streamPauses(ledger) });
    const said: unknown[] = [];
    const begin = () =>
      startStreams(
        {
          ...{ config: readConfig({}), clock, random, connect, streamMemory, ledger, log },
          ...{ userAgent: 'test', mayConnect: () => true },
        },
        { accept() {}, connectionLost() {} },
        {
          connected() {},
          lost() {},
          changed: (source, { state, error }) => {
            if (source === 'binance') said.push([state, error?.atMs]);
          },
        },
      );
    return { begin, said, ledger };
  };
  return { clock, attempts, startProcess };
}

describe('terms that follow each other fast', () => {
  test.each<[string, Answer, number]>([
    ['refuses', () => ({ status: 451 }), 1],
    ['is away', () => ({}), 25],
    ['consents', null, MAX_ATTEMPTS],
  ])('pitfall 41: count as one for an exchange that %s', async (_, answer, most) => {
    const { clock, attempts, startProcess } = setUp(answer);
    const { begin } = startProcess();
    while (clock.monotonic() < ATTEMPTS_WINDOW_MS) {
      const streams = begin();
      await clock.advanceAsync(1000);
      streams.close();
    }
    const inWindow = attempts.filter((atMs) => atMs < ATTEMPTS_WINDOW_MS);
    expect(inWindow.length).toBeGreaterThan(0);
    expect(inWindow.length).toBeLessThanOrEqual(most);
  });

  test('pitfall 40: tell of a refusal at once, and when it was', async () => {
    const { clock, attempts, startProcess } = setUp(() => ({ status: 451 }));
    const { begin, said } = startProcess();
    const first = begin();
    await clock.advanceAsync(600_000);
    first.close();
    begin();
    await clock.advanceAsync(0);
    const [before] = said;
    expect(before).toEqual(['blocked', clock.now() - 600_000 + 5]);
    expect(said).toEqual([before, before]);
    expect(attempts).toHaveLength(1);
  });
});

describe('a pause that an exchange has asked for', () => {
  const tooMany = (nowMs: number) => ({ status: 429, retryAtMs: nowMs + 3_600_000 });

  test('pitfall 40: outlives the process, for the stream and not for the routes', async () => {
    const { clock, attempts, startProcess } = setUp(tooMany);
    const earlier = startProcess().begin();
    await clock.advanceAsync(1000);
    earlier.close();
    const { begin, said, ledger } = startProcess();
    begin();
    await clock.advanceAsync(3_600_000);
    expect(said).toEqual([['rate_limited', clock.now() - 3_600_000]]);
    expect(attempts).toHaveLength(1);
    expect(ledger.pauseMs('binance')).toBe(0);
    await clock.advanceAsync(360_000);
    expect(attempts).toHaveLength(2);
  });

  test('pitfall 40: is learned from other nodes before anything is connected to', async () => {
    const { clock, attempts, startProcess } = setUp(() => ({}));
    const own = createMemoryLedger(clock);
    const asked: unknown[] = [];
    const answered = Promise.withResolvers<void>();
    const { begin } = startProcess({
      ...own,
      async catchUp(ids) {
        asked.push(...ids);
        await answered.promise;
        const calls = { today: 0, thisMonth: 0, lastMinute: 0, lastMinuteForMs: 0 };
        own.learn('binance:stream', { pauseMs: 60_000, ...calls });
      },
    });
    begin();
    await clock.advanceAsync(1000);
    expect(asked).toEqual(['binance:stream', 'coinbase:stream', 'kraken:stream']);
    expect(attempts).toEqual([]);
    answered.resolve();
    await clock.advanceAsync(59_999);
    expect(attempts).toEqual([]);
    await clock.advanceAsync(1);
    expect(attempts).toEqual([61_000]);
  });

  test('is waited for by nobody whose term is over', async () => {
    const { clock, attempts, startProcess } = setUp(() => ({}));
    startProcess().begin().close();
    await clock.advanceAsync(60_000);
    expect(attempts).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
