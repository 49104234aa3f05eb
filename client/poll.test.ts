import { describe, expect, test } from 'bun:test';
import { NO_POSITION, type Position, toETag } from '../contract/position.ts';
import { MAX_JSON_LENGTH } from './read-frame.ts';
import type { Link } from './snapshot.ts';
import { at, documentAt, EPOCH, update } from './testing/documents.ts';
import { createLiveRig, createRig, mute, type Rig, unreachable } from './testing/rig.ts';

const answer = (position: Position, price: number, headers: Record<string, string> = {}) =>
  Response.json(documentAt(price), { headers: { ETag: toETag(position), ...headers } });

/** A client that holds `(EPOCH, 5)` with a price of 100 and now polls. */
async function pollingRig(reply: Rig['answer']): Promise<Rig> {
  const rig = createLiveRig();
  rig.answer = reply;
  await rig.fallBack();
  return rig;
}

const POLLING: Link = { state: 'polling', intervalS: 30 };
const OFFLINE: Link = { state: 'offline' };

describe('the document of a poll', () => {
  test('is held when none was, with the position of its ETag', async () => {
    const rig = createRig();
    rig.answer = () => answer(at(7), 107);
    await rig.fallBack();
    expect(rig.client.current()).toMatchObject({ position: at(7), link: POLLING });
    expect(rig.client.current().document).toEqual(documentAt(107));
    await rig.clock.advanceAsync(30_000);
    expect(rig.requests[1]?.headers.get('If-None-Match')).toBe(toETag(at(7)));
  });

  test('is taken when it is newer, ignored when it is older within the term', async () => {
    const rig = await pollingRig(() => answer(at(4), 99));
    expect(rig.client.current()).toMatchObject({ position: at(5), link: POLLING });
    rig.answer = () => answer(at(6), 106);
    await rig.clock.advanceAsync(30_000);
    expect(rig.client.current()).toMatchObject({ position: at(6), link: POLLING });
  });

  test('of another term is taken, a lower one too', async () => {
    for (const epoch of [EPOCH + 1, EPOCH - 1]) {
      const rig = await pollingRig(() => answer(at(1, epoch), 42));
      expect(rig.client.current().position).toEqual(at(1, epoch));
      expect(rig.client.current().document?.btc_price_usd).toBe(42);
    }
  });

  test('of before any term never replaces a held one', async () => {
    const rig = await pollingRig(() => answer(NO_POSITION, 1));
    expect(rig.client.current()).toMatchObject({ position: at(5), link: POLLING });
  });

  test('may be overtaken: the first document of a WebSocket counts, even an older one', async () => {
    const rig = await pollingRig(() => answer(at(9), 109));
    await rig.clock.advanceAsync(5_000);
    rig.socket().deliver(update(at(8), 108));
    expect(rig.client.current()).toMatchObject({ position: at(8), link: { state: 'live' } });
  });
});

describe('a poll counts as answered', () => {
  test('when nothing has changed', async () => {
    const rig = await pollingRig(() => new Response(null, { status: 304 }));
    expect(rig.client.current()).toMatchObject({ position: at(5), link: POLLING });
  });

  test('when the server has no figure yet', async () => {
    const rig = await pollingRig(() =>
      Response.json({ error: { code: 'no_figures_yet', message: 'soon' } }, { status: 503 }),
    );
    expect(rig.client.current()).toMatchObject({ position: at(5), link: POLLING });
  });
});

describe('a poll has failed', () => {
  const failures: Record<string, Rig['answer']> = {
    'when nobody answers': unreachable,
    'when a proxy has no server behind it': () => new Response('Bad Gateway', { status: 502 }),
    'when the server drains': () =>
      Response.json({ error: { code: 'draining', message: '' } }, { status: 503 }),
    'when an error body is not one': () => Response.json({ error: null }, { status: 503 }),
    'when it was answered by a login page': () =>
      new Response('<html>', { headers: { ETag: toETag(at(9)) } }),
    'when the body is no object': () => Response.json([1], { headers: { ETag: toETag(at(9)) } }),
    'when the document has no position': () => Response.json(documentAt(5)),
    'when its ETag is somebody else’s': () =>
      Response.json(documentAt(5), { headers: { ETag: '"5d8c72a5edda8"' } }),
    'when the body is larger than any document': () =>
      new Response(JSON.stringify(documentAt(5)) + ' '.repeat(MAX_JSON_LENGTH), {
        headers: { ETag: toETag(at(9)) },
      }),
  };
  for (const [when, reply] of Object.entries(failures)) {
    test(when, async () => {
      const rig = await pollingRig(reply);
      expect(rig.client.current()).toMatchObject({ position: at(5), link: OFFLINE });
    });
  }

  test('when it takes longer than 10 s', async () => {
    const rig = await pollingRig(mute);
    await rig.clock.advanceAsync(9_999);
    expect(rig.client.current().link).toMatchObject({ state: 'reconnecting' });
    await rig.clock.advanceAsync(1);
    expect(rig.client.current().link).toEqual(OFFLINE);
    expect(rig.requests[0]?.signal?.aborted).toBe(true);
    await rig.clock.advanceAsync(30_000);
    expect(rig.requests).toHaveLength(2);
  });

  test('when its body takes longer than 10 s', async () => {
    const rig = await pollingRig(({ signal }) => {
      const body = new ReadableStream({
        start: (stream) => signal?.addEventListener('abort', () => stream.error(signal.reason)),
      });
      return new Response(body, { headers: { ETag: toETag(at(9)) } });
    });
    await rig.clock.advanceAsync(10_000);
    expect(rig.client.current().link).toEqual(OFFLINE);
  });
});

test('the Date of a poll corrects the clock of a client that never heard hello', async () => {
  const rig = createRig();
  rig.answer = () =>
    answer(at(7), 107, { Date: new Date(rig.clock.now() + 3_600_000).toUTCString() });
  await rig.fallBack();
  expect(Math.abs((rig.client.current().clockOffsetMs ?? 0) - 3_600_000)).toBeLessThanOrEqual(1000);
  const { clockOffsetMs } = rig.client.current();
  await rig.clock.advanceAsync(30_400);
  expect(rig.client.current().clockOffsetMs).toBe(clockOffsetMs);
});
