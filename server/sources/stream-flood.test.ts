import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { SocketEvents, StreamEnd } from './stream.ts';
import { limitFrames, MAX_FRAMES_PER_SECOND } from './stream-flood.ts';

/** A connection under a limit, and the exchange's end of it. */
function connected() {
  const clock = createManualClock();
  const told: string[] = [];
  const ends: StreamEnd[] = [];
  const sent: string[] = [];
  let frames = 0;
  let exchange: SocketEvents | null = null;
  const connect = limitFrames((_url, _headers, events) => {
    exchange = events;
    return { send: (text) => sent.push(text), terminate: () => told.push('terminated') };
  }, clock);
  const socket = connect(
    'ws://exchange.example/ws',
    {},
    {
      opened: () => told.push('opened'),
      frame: () => {
        frames += 1;
      },
      pinged: () => told.push('pinged'),
      ended: (end) => ends.push(end),
    },
  );
  const says = (): SocketEvents => {
    if (exchange === null) throw new Error('nobody was connected to');
    return exchange;
  };
  const pour = (count: number) => {
    for (let n = 0; n < count; n++) says().frame('{}');
  };
  return { clock, socket, told, ends, sent, says, pour, frames: () => frames };
}

const END: StreamEnd = { status: null, retryAtMs: null, closeCode: 1001, isTooLarge: false };

describe('a connection with a limit of frames', () => {
  test('is ended by the first frame too many within a second, and hears no other', () => {
    const { clock, pour, frames, told, ends, says } = connected();
    clock.advance(999);
    pour(MAX_FRAMES_PER_SECOND);
    expect([frames(), ends.length]).toEqual([MAX_FRAMES_PER_SECOND, 0]);
    pour(1000);
    says().ended(END);
    expect(frames()).toBe(MAX_FRAMES_PER_SECOND);
    expect(told).toEqual(['terminated']);
    expect(ends).toEqual([{ status: null, retryAtMs: null, closeCode: 1008, isTooLarge: true }]);
  });

  test('may bring as many in every second for as long as it lasts', () => {
    const { clock, pour, frames, ends } = connected();
    for (let second = 0; second < 5; second++) {
      pour(MAX_FRAMES_PER_SECOND);
      clock.advance(1000);
    }
    expect([frames(), ends.length]).toEqual([5 * MAX_FRAMES_PER_SECOND, 0]);
  });

  test('passes on all else, in both directions', () => {
    const { socket, says, told, sent, ends } = connected();
    says().opened();
    says().pinged();
    socket.send('hello');
    says().ended(END);
    socket.terminate();
    expect([told, sent, ends]).toEqual([['opened', 'pinged', 'terminated'], ['hello'], [END]]);
  });
});
