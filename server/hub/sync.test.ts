import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import { createSyncDesk } from './sync.ts';

function ask() {
  const clock = createManualClock();
  const answeredAtMs: number[] = [];
  const desk = createSyncDesk(clock, () => void answeredAtMs.push(clock.monotonic()));
  return { clock, desk, answeredAtMs, socket: { data: desk.newState() } };
}

describe('sync', () => {
  test('the first question is answered at once', () => {
    const { desk, socket, answeredAtMs } = ask();
    desk.wanted(socket);
    expect(answeredAtMs).toEqual([0]);
  });

  test('questions within a second of an answer share one answer at its end', () => {
    const { clock, desk, socket, answeredAtMs } = ask();
    desk.wanted(socket);
    clock.advance(300);
    desk.wanted(socket);
    clock.advance(300);
    desk.wanted(socket);
    expect(clock.pending()).toBe(1);
    clock.advance(10_000);
    expect(answeredAtMs).toEqual([0, 1000]);
  });

  test('a question more than a second later is answered at once', () => {
    const { clock, desk, socket, answeredAtMs } = ask();
    desk.wanted(socket);
    clock.advance(1_000);
    desk.wanted(socket);
    expect(answeredAtMs).toEqual([0, 1000]);
  });

  test('a socket that closed is not answered and leaves no timer', () => {
    const { clock, desk, socket, answeredAtMs } = ask();
    desk.wanted(socket);
    desk.wanted(socket);
    desk.forget(socket);
    expect(clock.pending()).toBe(0);
    clock.advance(5_000);
    expect(answeredAtMs).toEqual([0]);
  });
});
