import { describe, expect, test } from 'bun:test';
import { CLOSE } from '../contract/close-codes.ts';
import { at, hello, update } from './testing/documents.ts';
import { createLiveRig, createRig, mute, type Rig } from './testing/rig.ts';

const attempt = (n: number) => ({ state: 'reconnecting', attempt: n, max: 5 }) as const;
const unchanged = () => new Response(null, { status: 304 });
const link = ({ client }: Rig) => client.current().link;

describe('coming back', () => {
  test('tries five times with growing full jitter, then polls', async () => {
    const rig = createRig();
    rig.chance = 0.999;
    const delays: number[] = [];
    for (let n = 1; n <= 5; n++) {
      rig.socket().drop();
      expect(link(rig)).toEqual(attempt(n));
      const from = rig.clock.monotonic();
      rig.clock.advance(8_000);
      delays.push(Math.round(rig.socket().openedAtMs - from));
      expect(rig.sockets).toHaveLength(n + 1);
    }
    expect(delays).toEqual([500, 999, 1998, 3996, 7992]);
    expect(rig.requests).toHaveLength(0);
    rig.socket().drop();
    expect(rig.requests).toHaveLength(1);
    expect(link(rig)).toEqual(attempt(5));
  });

  test('begins to count anew after a connection that delivered and lasted 10 s', () => {
    const rig = createLiveRig();
    rig.socket().drop();
    rig.clock.advance(500);
    rig.socket().drop();
    expect(link(rig)).toEqual(attempt(2));
    rig.clock.advance(1_000);
    rig.socket().deliver(update(at(6), 101));
    rig.clock.advance(10_000);
    rig.socket().drop();
    expect(link(rig)).toEqual(attempt(1));
  });

  test('does not count anew for a connection that delivered and died sooner', async () => {
    const rig = createRig();
    for (let n = 1; n <= 5; n++) {
      rig.socket().deliver(update(at(n), n));
      expect(link(rig)).toEqual({ state: 'live' });
      rig.clock.advance(9_999);
      rig.socket().drop();
      expect(link(rig)).toEqual(attempt(n));
      rig.clock.advance(8_000);
    }
    rig.socket().deliver(update(at(6), 6));
    rig.socket().drop();
    expect(rig.requests).toHaveLength(1);
  });

  test('comes back soon, spread out, when the server goes away or found it slow', () => {
    const soonest = {
      [CLOSE.goingAway]: 2_000,
      [CLOSE.serviceRestart]: 2_000,
      [CLOSE.slowClient]: 500,
    };
    for (const [code, longestMs] of Object.entries(soonest)) {
      const rig = createLiveRig();
      rig.chance = 1;
      rig.socket().drop(Number(code));
      expect(link(rig)).toEqual(attempt(1));
      rig.clock.advance(longestMs - 1);
      expect(rig.sockets).toHaveLength(1);
      rig.clock.advance(1);
      expect(rig.sockets).toHaveLength(2);
    }
  });

  test('stays away for 20 to 40 s when it was sent away, and polls meanwhile', async () => {
    for (const code of [CLOSE.tryAgainLater, CLOSE.policyViolation]) {
      for (const [chance, awayMs] of [
        [0, 20_000],
        [1, 40_000],
      ] as const) {
        const rig = createLiveRig();
        rig.answer = unchanged;
        rig.chance = chance;
        rig.socket().drop(code);
        await rig.clock.advanceAsync(0);
        expect(rig.requests).toHaveLength(1);
        expect(link(rig)).toEqual({ state: 'polling', intervalS: 30 });
        await rig.clock.advanceAsync(awayMs - 1);
        expect(rig.sockets).toHaveLength(1);
        await rig.clock.advanceAsync(1);
        expect(rig.sockets).toHaveLength(2);
      }
    }
  });

  test('stays away even when a poll succeeds after a failed one', async () => {
    const rig = createLiveRig();
    rig.socket().deliver(hello({ poll_interval_s: 5 }));
    rig.socket().drop(CLOSE.tryAgainLater);
    await rig.clock.advanceAsync(0);
    expect(link(rig)).toEqual({ state: 'offline' });
    rig.answer = unchanged;
    await rig.clock.advanceAsync(19_999);
    expect(link(rig)).toEqual({ state: 'polling', intervalS: 5 });
    expect(rig.sockets).toHaveLength(1);
    await rig.clock.advanceAsync(1);
    expect(rig.sockets).toHaveLength(2);
  });
});

test('a closed client leaves no timer, no socket and no request behind', async () => {
  const moments: ((rig: Rig) => Promise<void> | void)[] = [
    () => {},
    (rig) => rig.socket().deliver(update(at(5), 100)),
    (rig) => rig.socket().drop(),
    (rig) => rig.fallBack(),
    (rig) => {
      rig.answer = mute;
      return rig.fallBack();
    },
  ];
  for (const bringAbout of moments) {
    const rig = createRig();
    await bringAbout(rig);
    let calls = 0;
    rig.client.subscribe(() => calls++);
    const made = [rig.sockets.length, rig.requests.length];
    rig.client.close();
    rig.socket().deliver(update(at(9), 9));
    rig.socket().drop();
    await rig.clock.advanceAsync(100_000);
    expect(calls).toBe(1);
    expect([rig.sockets.length, rig.requests.length]).toEqual(made);
    expect(rig.clock.pending()).toBe(0);
  }
});
