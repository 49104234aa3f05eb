import { describe, expect, test } from 'bun:test';
import { NO_POSITION } from '../contract/position.ts';
import { SYNC_MAX_REQUESTS } from './sync.ts';
import { at, documentAt, EPOCH, hello, patch, update } from './testing/documents.ts';
import { createLiveRig, createRig } from './testing/rig.ts';

const priceIn = ({ client }: ReturnType<typeof createRig>) =>
  client.current().document?.btc_price_usd;
const syncs = (sent: readonly string[]) => sent.filter((text) => text === 'sync').length;

describe('documents and patches', () => {
  test('a client begins with what it was given, connecting', () => {
    const document = documentAt(90);
    const { client } = createRig({ document, position: at(3) });
    expect(client.current()).toMatchObject({ position: at(3), link: { state: 'connecting' } });
    expect(client.current().document).toBe(document);
  });

  test('a client without a document has no position either', () => {
    const { client } = createRig({ position: at(3) });
    expect(client.current()).toMatchObject({ document: null, position: NO_POSITION });
  });

  test('a patch gives a new document and leaves the parts it does not touch the same', () => {
    const rig = createLiveRig();
    const before = rig.client.current().document;
    rig.socket().deliver(patch(at(6), { btc_price_usd: 101 }));
    const { document, position } = rig.client.current();
    expect(position).toEqual(at(6));
    expect(document?.btc_price_usd).toBe(101);
    expect(before?.btc_price_usd).toBe(100);
    expect(document?.coins).toBe(before?.coins);
    expect(document?.freshness).toBe(before?.freshness);
  });

  test('on one connection an older document and an older patch are ignored', () => {
    const rig = createLiveRig();
    rig.socket().deliver(update(at(4), 1));
    rig.socket().deliver(update(at(90, EPOCH - 1), 2));
    rig.socket().deliver(patch(at(5), { btc_price_usd: 3 }));
    expect(priceIn(rig)).toBe(100);
    expect(rig.socket().sent).toEqual([]);
    rig.socket().deliver(update(at(1, EPOCH + 1), 4));
    expect(priceIn(rig)).toBe(4);
  });

  test('the first document of a new connection is taken even when it is older', () => {
    const rig = createLiveRig();
    rig.socket().drop();
    rig.clock.advance(500);
    rig.socket().deliver(update(at(2, EPOCH - 7), 80));
    expect(rig.client.current().position).toEqual(at(2, EPOCH - 7));
    expect(priceIn(rig)).toBe(80);
  });

  test('(0,0) never replaces a held document, but the connection is live', () => {
    const rig = createRig({ document: documentAt(90), position: at(3) });
    rig.socket().deliver(update(NO_POSITION, null));
    expect(priceIn(rig)).toBe(90);
    expect(rig.client.current().link).toEqual({ state: 'live' });
  });

  test('after a (0,0) the first real document is taken even when it is older', () => {
    const rig = createRig({ document: documentAt(90), position: at(3) });
    rig.socket().deliver(update(NO_POSITION, null));
    rig.socket().deliver(update(at(1, EPOCH - 7), 80));
    expect(priceIn(rig)).toBe(80);
    rig.socket().deliver(update(at(9, EPOCH - 8), 70));
    expect(priceIn(rig)).toBe(80);
  });

  test('(0,0) is taken when nothing is held: names without figures are better than nothing', () => {
    const rig = createRig();
    rig.socket().deliver(update(NO_POSITION, null));
    expect(rig.client.current()).toMatchObject({ position: NO_POSITION, link: { state: 'live' } });
    expect(rig.client.current().document).toEqual(documentAt(null));
  });

  test('one frame makes one call, document and link together', () => {
    const rig = createRig();
    const seen: string[] = [];
    rig.client.subscribe(({ link, document }) =>
      seen.push(`${link.state} ${document?.btc_price_usd}`),
    );
    rig.socket().deliver(update(at(5), 100));
    rig.socket().deliver(patch(at(6), { btc_price_usd: 101 }));
    expect(seen).toEqual(['connecting undefined', 'live 100', 'live 101']);
  });

  test('pong, unknown types and unreadable frames change nothing', () => {
    const rig = createLiveRig();
    const before = rig.client.current();
    for (const frame of ['pong', '{', 'null', { type: 'later' }, { type: 'dashboard_patch' }]) {
      rig.socket().deliver(frame);
    }
    expect(rig.client.current()).toBe(before);
  });
});

describe('a gap', () => {
  test('drops patches and asks for the whole document at once, then every 2 s until it arrives', () => {
    const rig = createLiveRig();
    rig.socket().deliver(patch(at(7), { btc_price_usd: 102 }));
    rig.socket().deliver(patch(at(8), { btc_price_usd: 103 }));
    expect(priceIn(rig)).toBe(100);
    expect(rig.socket().sent).toEqual(['sync']);
    rig.clock.advance(1_999);
    expect(syncs(rig.socket().sent)).toBe(1);
    rig.clock.advance(1);
    expect(syncs(rig.socket().sent)).toBe(2);
    rig.clock.advance(2_000);
    expect(syncs(rig.socket().sent)).toBe(3);

    rig.socket().deliver(update(at(9), 104));
    rig.socket().deliver(patch(at(10), { btc_price_usd: 105 }));
    expect(priceIn(rig)).toBe(105);
    rig.clock.advance(10_000);
    expect(syncs(rig.socket().sent)).toBe(3);
  });

  test('is what a patch of another term is', () => {
    const rig = createLiveRig();
    rig.socket().deliver(patch(at(6, EPOCH + 1), { btc_price_usd: 102 }));
    expect(priceIn(rig)).toBe(100);
    expect(rig.socket().sent).toEqual(['sync']);
  });

  test('is not closed by an older document', () => {
    const rig = createLiveRig();
    rig.socket().deliver(patch(at(7), { btc_price_usd: 102 }));
    rig.socket().deliver(update(at(4), 99));
    rig.clock.advance(2_000);
    expect(priceIn(rig)).toBe(100);
    expect(syncs(rig.socket().sent)).toBe(2);
  });

  test('is forgotten with its connection', () => {
    const rig = createLiveRig();
    rig.socket().deliver(patch(at(7), { btc_price_usd: 102 }));
    rig.socket().drop();
    rig.clock.advance(0);
    rig.socket().deliver(update(at(9), 104));
    rig.clock.advance(10_000);
    expect(rig.sockets).toHaveLength(2);
    expect(rig.socket().sent).toEqual([]);
  });

  test('that nobody fills in half a minute costs the connection', () => {
    const rig = createLiveRig();
    rig.socket().deliver(patch(at(7), { btc_price_usd: 102 }));
    for (let second = 1; second < 30; second++) {
      rig.clock.advance(1_000);
      rig.socket().deliver('pong');
    }
    expect(syncs(rig.socket().sent)).toBe(SYNC_MAX_REQUESTS);
    expect(rig.socket().isClosed).toBe(false);
    rig.clock.advance(1_000);
    expect(rig.sockets[0]?.isClosed).toBe(true);
    expect(rig.client.current().link).toEqual({ state: 'reconnecting', attempt: 1, max: 5 });
  });

  test('cannot be before the first document: a patch that comes earlier is dropped', () => {
    const rig = createRig({ document: documentAt(90), position: at(3) });
    rig.socket().deliver(patch(at(4), { btc_price_usd: 91 }));
    expect(priceIn(rig)).toBe(90);
    expect(rig.client.current().link).toEqual({ state: 'connecting' });
    expect(rig.socket().sent).toEqual([]);
  });
});

test('hello sets clock, version and what is wrong, and keeps what it repeats', () => {
  const rig = createLiveRig();
  rig.socket().deliver(hello({ server_time: '2026-11-23T07:00:05.000Z', degraded: ['solo'] }));
  const first = rig.client.current();
  expect(first).toMatchObject({ clockOffsetMs: 5_000, appVersion: '1.2.3', degraded: ['solo'] });
  rig.socket().deliver(hello({ server_time: '2026-11-23T07:00:06.000Z', degraded: ['solo'] }));
  expect(rig.client.current().clockOffsetMs).toBe(6_000);
  expect(rig.client.current().degraded).toBe(first.degraded);
});
