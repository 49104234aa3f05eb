import { describe, expect, test } from 'bun:test';
import { toETag } from '../contract/position.ts';
import { at, documentAt, hello, update } from './testing/documents.ts';
import { createLiveRig, createRig, type Rig } from './testing/rig.ts';

const attempt = (n: number) => ({ state: 'reconnecting', attempt: n, max: 5 }) as const;
const unchanged = () => new Response(null, { status: 304 });
const link = ({ client }: Rig) => client.current().link;

/** Milliseconds from now until the next socket is made, found in steps of 1 ms. */
async function nextTryMs(rig: Rig, limitMs: number): Promise<number> {
  const before = rig.sockets.length;
  for (let ms = 0; ms <= limitMs; ms++) {
    if (rig.sockets.length > before) return ms;
    await rig.clock.advanceAsync(1);
  }
  throw new Error(`no attempt within ${limitMs} ms`);
}

describe('polling', () => {
  test('asks every interval that hello named, with the position held', async () => {
    const rig = createLiveRig();
    rig.socket().deliver(hello({ poll_interval_s: 12 }));
    rig.answer = unchanged;
    await rig.fallBack();
    expect(link(rig)).toEqual({ state: 'polling', intervalS: 12 });
    expect(rig.requests[0]).toMatchObject({
      url: 'https://market.example/api/crypto/dashboard-summary',
      method: 'GET',
      cache: 'no-store',
    });
    expect(rig.requests[0]?.headers.get('If-None-Match')).toBe(toETag(at(5)));
    await rig.clock.advanceAsync(36_000);
    const times = rig.requests.map(({ startedAtMs }) => startedAtMs);
    expect(times.map((ms) => ms - (times[0] ?? 0))).toEqual([0, 12_000, 24_000, 36_000]);
  });

  test('asks every 30 s when there was no hello', async () => {
    const rig = createRig();
    rig.answer = unchanged;
    await rig.fallBack();
    await rig.clock.advanceAsync(29_999);
    expect(rig.requests).toHaveLength(1);
    await rig.clock.advanceAsync(1);
    expect(rig.requests).toHaveLength(2);
    expect(link(rig)).toEqual({ state: 'polling', intervalS: 30 });
  });

  test('is offline while polls fail, and keeps the link the same object meanwhile', async () => {
    const rig = createRig();
    await rig.fallBack();
    const offline = link(rig);
    expect(offline).toEqual({ state: 'offline' });
    await rig.clock.advanceAsync(60_000);
    expect(rig.requests).toHaveLength(3);
    expect(link(rig)).toBe(offline);
    rig.answer = unchanged;
    await rig.clock.advanceAsync(30_000);
    expect(link(rig)).toEqual({ state: 'polling', intervalS: 30 });
  });

  test('says how it stands only when a poll was answered', async () => {
    const rig = createRig();
    let reply = (_: Response) => {};
    rig.answer = () =>
      new Promise((resolve) => {
        reply = resolve;
      });
    await rig.fallBack();
    expect(link(rig)).toEqual(attempt(5));
    reply(unchanged());
    await rig.clock.advanceAsync(0);
    expect(link(rig)).toEqual({ state: 'polling', intervalS: 30 });
  });

  test('ends with the first document of a WebSocket; an answer that comes later is discarded', async () => {
    const rig = createRig();
    let reply = (_: Response) => {};
    await rig.fallBack();
    rig.answer = () =>
      new Promise((resolve) => {
        reply = resolve;
      });
    await rig.clock.advanceAsync(30_000);
    expect(rig.requests).toHaveLength(2);
    await nextTryMs(rig, 5_000);
    rig.socket().deliver(update(at(5), 100));
    expect(rig.requests[1]?.signal?.aborted).toBe(true);
    reply(Response.json(documentAt(777), { headers: { ETag: toETag(at(9)) } }));
    await rig.clock.advanceAsync(19_000);
    expect(rig.client.current()).toMatchObject({ position: at(5), link: { state: 'live' } });
    expect(rig.requests).toHaveLength(2);
  });
});

describe('while polling, the WebSocket', () => {
  test('is tried every 5 to 8 s for two minutes, then every 20 to 40 s, for ever', async () => {
    for (const [chance, eagerMs, patientMs] of [
      [0, 5_000, 20_000],
      [1, 8_000, 40_000],
    ] as const) {
      const rig = createRig();
      rig.answer = unchanged;
      await rig.fallBack();
      rig.chance = chance;
      const fallenBackAtMs = rig.clock.monotonic();
      // The wait that was begun when polling began was drawn with another chance.
      await rig.clock.advanceAsync(5_000);
      const delays = new Map<number, number[]>([
        [eagerMs, []],
        [patientMs, []],
      ]);
      while (rig.clock.monotonic() - fallenBackAtMs < 3_600_000) {
        const since = rig.clock.monotonic() - fallenBackAtMs;
        rig.socket().drop();
        const expected = since < 120_000 ? eagerMs : patientMs;
        const from = rig.clock.monotonic();
        await rig.clock.advanceAsync(expected);
        delays.get(expected)?.push(rig.socket().openedAtMs - from);
      }
      expect(new Set(delays.get(eagerMs))).toEqual(new Set([eagerMs]));
      expect(new Set(delays.get(patientMs))).toEqual(new Set([patientMs]));
      expect(delays.get(patientMs)?.length).toBeGreaterThan(80);
    }
  });

  test('is tried within 3 s of a poll that succeeds after a failed one', async () => {
    for (const chance of [0, 0.5, 1]) {
      const rig = createRig();
      await rig.fallBack();
      // Past the first two minutes, so that no other attempt is due soon.
      while (rig.clock.monotonic() < 200_000) {
        rig.socket().drop();
        await rig.clock.advanceAsync(1_000);
      }
      rig.chance = 1;
      rig.answer = unchanged;
      const before = rig.requests.length;
      while (rig.requests.length === before) await rig.clock.advanceAsync(1);
      expect(link(rig)).toEqual({ state: 'polling', intervalS: 30 });
      rig.chance = chance;
      expect(await nextTryMs(rig, 3_000)).toBeLessThanOrEqual(3_000);
    }
  });

  test('is not hurried by a poll that succeeds like the one before', async () => {
    const rig = createRig();
    rig.answer = unchanged;
    await rig.fallBack();
    rig.chance = 1;
    await rig.clock.advanceAsync(5_000);
    rig.socket().drop();
    expect(await nextTryMs(rig, 8_000)).toBe(8_000);
  });

  test('is not hurried either by a poll that succeeds after a WebSocket has delivered meanwhile', async () => {
    const rig = createRig();
    await rig.fallBack();
    expect(link(rig)).toEqual({ state: 'offline' });
    await nextTryMs(rig, 8_000);
    rig.socket().deliver(update(at(1), 1));
    rig.chance = 1;
    rig.answer = unchanged;
    rig.socket().drop();
    await rig.clock.advanceAsync(0);
    expect(link(rig)).toEqual({ state: 'polling', intervalS: 30 });
    expect(await nextTryMs(rig, 8_000)).toBe(8_000);
  });

  test('is tried anew when an attempt hangs while polls succeed again', async () => {
    const rig = createRig();
    await rig.fallBack();
    rig.chance = 1;
    await rig.clock.advanceAsync(29_000);
    const hanging = rig.socket();
    expect(hanging.isClosed).toBe(false);
    rig.chance = 0;
    rig.answer = unchanged;
    await rig.clock.advanceAsync(1_000);
    expect(link(rig)).toEqual({ state: 'polling', intervalS: 30 });
    expect(rig.socket()).not.toBe(hanging);
    expect(hanging.isClosed).toBe(true);
    hanging.deliver(update(at(1), 1));
    expect(rig.client.current().document).toBeNull();
    rig.socket().deliver(update(at(2), 2));
    expect(link(rig)).toEqual({ state: 'live' });
  });

  test('that delivers and dies at once does not make polling eager again', async () => {
    const rig = createRig();
    rig.answer = unchanged;
    await rig.fallBack();
    const fallenBackAtMs = rig.clock.monotonic();
    while (rig.clock.monotonic() - fallenBackAtMs < 130_000) {
      rig.socket().drop();
      await rig.clock.advanceAsync(5_000);
    }
    while (rig.socket().isClosed) await rig.clock.advanceAsync(1_000);
    rig.socket().deliver(update(at(3), 3));
    expect(link(rig)).toEqual({ state: 'live' });
    rig.socket().drop();
    await rig.clock.advanceAsync(0);
    expect(link(rig)).toEqual({ state: 'polling', intervalS: 30 });
    const tries = rig.sockets.length;
    await rig.clock.advanceAsync(19_999);
    expect(rig.sockets).toHaveLength(tries);
    await rig.clock.advanceAsync(1);
    expect(rig.sockets).toHaveLength(tries + 1);
  });
});
