import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import {
  createHeartbeat,
  type HeartbeatState,
  PING_INTERVAL_MS,
  SWEEP_INTERVAL_MS,
  UNHEARD_AFTER_MS,
} from './heartbeat.ts';

interface FakeSocket {
  readonly data: HeartbeatState;
  readonly pingedAtMs: number[];
  looks: number;
  buffered: number;
  ping(): number;
  getBufferedAmount(): number;
}

const SLOW_AFTER_MS = 30_000;

function beat(sockets: number) {
  const clock = createManualClock();
  const told: { what: 'unheard' | 'slow'; socket: FakeSocket; atMs: number }[] = [];
  let sweeps = 0;
  const tell = (what: 'unheard' | 'slow') => (socket: FakeSocket) => {
    told.push({ what, socket, atMs: clock.monotonic() });
    heartbeat.remove(socket);
  };
  const heartbeat = createHeartbeat<FakeSocket>(clock, SLOW_AFTER_MS, {
    unheard: tell('unheard'),
    slow: tell('slow'),
    swept: () => void sweeps++,
  });
  const fake = (): FakeSocket => ({
    data: heartbeat.newState(),
    pingedAtMs: [],
    looks: 0,
    buffered: 0,
    ping() {
      return this.pingedAtMs.push(clock.monotonic());
    },
    getBufferedAmount() {
      this.looks++;
      return this.buffered;
    },
  });
  const all = Array.from({ length: sockets }, fake);
  for (const socket of all) heartbeat.add(socket);
  heartbeat.start();
  const only = all[0] ?? fake();
  return { clock, heartbeat, all, only, told, sweeps: () => sweeps };
}

/** Lets time pass while every socket answers its pings. */
function pass(test: ReturnType<typeof beat>, ms: number) {
  for (let passed = 0; passed < ms; passed += 1_000) {
    test.clock.advance(1_000);
    for (const socket of test.all) test.heartbeat.heard(socket);
  }
}

describe('heartbeat', () => {
  test('pings every socket once in 25 s and never many of them at one moment', () => {
    const run = beat(1_000);
    run.clock.advance(PING_INTERVAL_MS);
    expect(run.all.every((socket) => socket.pingedAtMs.length === 1)).toBe(true);
    const perMoment = new Map<number, number>();
    for (const { pingedAtMs } of run.all) {
      for (const atMs of pingedAtMs) perMoment.set(atMs, (perMoment.get(atMs) ?? 0) + 1);
    }
    expect(Math.max(...perMoment.values())).toBe(10);
    expect(perMoment.size).toBe(100);
  });

  test('looks at every socket once in 5 s and says when it has seen all', () => {
    const run = beat(1_000);
    run.clock.advance(SWEEP_INTERVAL_MS);
    expect(run.all.every((socket) => socket.looks === 1)).toBe(true);
    expect(run.sweeps()).toBe(1);
  });

  test('ends a socket that was not heard of for 60 s, at the next sweep', () => {
    const run = beat(1);
    run.clock.advance(UNHEARD_AFTER_MS - 1);
    expect(run.told).toEqual([]);
    run.clock.advance(SWEEP_INTERVAL_MS + 1);
    expect(run.told.map(({ what }) => what)).toEqual(['unheard']);
    expect(run.told[0]?.atMs).toBeGreaterThanOrEqual(UNHEARD_AFTER_MS);
  });

  test('keeps a socket that answers', () => {
    const run = beat(3);
    pass(run, 10 * UNHEARD_AFTER_MS);
    expect(run.told).toEqual([]);
    expect(run.heartbeat.size()).toBe(3);
  });

  test('a process that stood still for minutes does not blame its sockets', () => {
    // The event loop comes back after five minutes: one late tick, not a thousand.
    const late = createLateClock();
    const unheard: FakeSocket[] = [];
    const heartbeat = createHeartbeat<FakeSocket>(late.clock, SLOW_AFTER_MS, {
      unheard: (socket) => void unheard.push(socket),
      slow: () => {},
      swept: () => {},
    });
    const data = heartbeat.newState();
    heartbeat.add({ ...beat(1).only, data });
    heartbeat.start();
    late.standStill(300_000);
    expect(unheard).toEqual([]);
  });

  test('ends a socket that has bytes buffered at every sweep for the slow timeout', () => {
    const run = beat(1);
    run.only.buffered = 1;
    pass(run, SLOW_AFTER_MS);
    expect(run.told).toEqual([]);
    pass(run, SWEEP_INTERVAL_MS + 1_000);
    expect(run.told.map(({ what }) => what)).toEqual(['slow']);
  });

  test('a socket that was once found empty begins anew', () => {
    const run = beat(1);
    run.only.buffered = 1;
    pass(run, SLOW_AFTER_MS - SWEEP_INTERVAL_MS);
    run.only.buffered = 0;
    pass(run, SWEEP_INTERVAL_MS);
    run.only.buffered = 1;
    pass(run, SLOW_AFTER_MS);
    expect(run.told).toEqual([]);
  });

  test('does nothing more once stopped', () => {
    const run = beat(1);
    run.heartbeat.stop();
    expect(run.clock.pending()).toBe(0);
  });

  test('no moment looks at more than a twentieth of fifty thousand sockets', () => {
    const run = beat(50_000);
    const looks = () => run.all.reduce((sum, socket) => sum + socket.looks, 0);
    let most = 0;
    for (let before = looks(); run.sweeps() === 0; before = looks()) {
      run.clock.advance(250);
      most = Math.max(most, looks() - before);
    }
    expect(most).toBe(2_500);
    expect(looks()).toBe(50_000);
  });
});

/** A clock whose timers all come late. */
function createLateClock() {
  let nowMs = 0;
  let waiting: (() => void) | null = null;
  return {
    clock: {
      now: () => nowMs,
      monotonic: () => nowMs,
      after(_delayMs: number, run: () => void) {
        waiting = run;
        return { cancel: () => {} };
      },
    },
    standStill(ms: number) {
      nowMs += ms;
      const run = waiting;
      waiting = null;
      run?.();
    },
  };
}
