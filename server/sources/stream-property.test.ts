import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { MAX_ATTEMPTS } from './stream-backoff.ts';
import { busiest, openTestStream, say, type TestStream } from './test-stream.ts';

/** What an exchange may do next, and how long after. */
const deed = fc.record({
  afterMs: fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(90_000)),
  what: fc.constantFrom<((stream: TestStream) => void)[]>(
    ({ socket }) => socket().open(),
    ({ socket }) => socket().open(say.prices('BTC')),
    ({ socket }) => socket().open(say.prices('BTC', 'ETH')),
    ({ sockets }) => {
      for (const socket of sockets) socket.say(say.prices('ETH'));
    },
    ({ sockets }) => {
      for (const socket of sockets) socket.say(say.goingAway);
    },
    ({ socket }) => socket().say(say.heartbeat),
    ({ socket }) => socket().say(say.nonsense),
    ({ socket }) => socket().end(),
    ({ sockets }) => sockets.at(-2)?.end(),
    ({ socket }) => socket().end({ status: 503 }),
    ({ socket }) => socket().end({ closeCode: 1008 }),
  ),
});

/** Which connections are live, from what was heard; throws when a line does not fit those before it. */
function follow(lines: readonly string[]): { live: Set<number>; state: string } {
  const live = new Set<number>();
  const seen = new Set<number>();
  let state = '';
  for (const line of lines) {
    const [, digits, what] = /^(\d+):? (.*)$/.exec(line) ?? [];
    const number = Number(digits);
    if (digits === undefined) state = line;
    else if (what === 'connected') {
      if (seen.has(number)) throw new Error(`connected twice: ${line}`);
      seen.add(number);
      live.add(number);
    } else if (what === 'lost') {
      if (!live.delete(number)) throw new Error(`lost without a connection: ${line}`);
    } else if (!live.has(number)) throw new Error(`readings of a lost connection: ${line}`);
  }
  return { live, state };
}

test('pitfall 41: whatever an exchange does, attempts are few, sockets two at most, and every loss is told once', () => {
  fc.assert(
    fc.property(fc.array(deed, { minLength: 40, maxLength: 150 }), fc.nat(99), (deeds, die) => {
      const lines: string[] = [];
      const stream = openTestStream({ random: () => die / 100 }, (line) => lines.push(line));
      const { clock, sockets } = stream;
      clock.advance(0);
      for (const { what, afterMs } of deeds) {
        what(stream);
        clock.advance(afterMs);
        const open = sockets.filter((socket) => socket.isOpen()).length;
        expect(open).toBeLessThanOrEqual(2);
        const { live, state } = follow(lines);
        expect(live.size).toBeLessThanOrEqual(open);
        expect(state === 'ok').toBe(live.size > 0);
      }
      expect(busiest(stream)).toBeLessThanOrEqual(MAX_ATTEMPTS);
      stream.stream.close();
      expect(clock.pending()).toBe(0);
    }),
    { numRuns: 200 },
  );
});
