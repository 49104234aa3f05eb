import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { maxEpochAt } from '../../contract/index.ts';
import { documentOf, EPOCH, patched, whole } from './broker-contract.ts';
import { plainMessage, readMessage, versionMessage } from './channel-messages.ts';

const AT = { epoch: EPOCH, seq: 3 };
const NOW_MS = EPOCH;
const read = (text: string) => readMessage(text, NOW_MS);

describe('a message on the channel', () => {
  test('is read as it was written', () => {
    const messages = [
      { type: 'heartbeat', ...AT, nodes: 3 },
      { type: 'heartbeat', epoch: 0, seq: 0, nodes: 1 },
      { type: 'heartbeat', ...AT, nodes: 1000 },
      { type: 'lease_free' },
      { type: 'refresh_wanted' },
      { type: 'round_ended', ...AT, outcome: 'unchanged' },
    ] as const;
    for (const message of messages) expect(read(plainMessage(message))).toEqual(message);
  });

  test('carries a version with its patch and the document’s own bytes', () => {
    const version = patched(3, 5);
    const json = JSON.stringify({ ...version.document, 7: 'seven', later: '\ud800 ₫', e: 1e-9 });
    expect(read(versionMessage(version, json))).toEqual({
      type: 'version',
      ...AT,
      patch: { market_cap: 5 },
      whole: false,
      json,
    });
    expect(read(versionMessage(whole(3, 5), json))).toMatchObject({ patch: null });
  });

  test('gives every document’s bytes as JSON writes them', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (document) => {
        const json = JSON.stringify(document);
        expect(read(versionMessage(whole(3, 5), json))).toMatchObject({ json });
      }),
    );
  });

  test('may have keys of a later version, which are left out', () => {
    const text = JSON.stringify({ type: 'heartbeat', ...AT, nodes: 2, later: { key: 1 } });
    expect(read(text)).toEqual({ type: 'heartbeat', ...AT, nodes: 2 });
    const json = JSON.stringify(documentOf(5));
    const version = `{"later":[],${versionMessage(whole(3, 5), json).slice(1)}`;
    expect(read(version)).toEqual({
      type: 'version',
      ...AT,
      patch: null,
      whole: true,
      json,
    });
  });

  test('has no patch when it says anything else than the document', () => {
    const contradicting = [
      { market_cap: 6 },
      { market_cap: '5' },
      { market_cap: { usd: 5 } },
      { not_there: 1 },
      { market_cap: 5, freshness: { market: { state: 'stale' } } },
      { coins: [] },
      { toString: null },
      JSON.parse('{"__proto__":{"polluted":true}}'),
    ];
    for (const patch of contradicting) {
      const text = versionMessage({ ...patched(3, 5), patch }, JSON.stringify(documentOf(5)));
      expect(read(text)).toMatchObject({ type: 'version', patch: null });
    }
    const agreeing = [
      {},
      { freshness: { market: { state: 'live' } } },
      { us_etfs: null, sources: {} },
    ];
    for (const patch of agreeing) {
      const text = versionMessage({ ...patched(3, 5), patch }, JSON.stringify(documentOf(5)));
      expect(read(text)).toMatchObject({ type: 'version', patch });
    }
  });

  const version = { type: 'version', ...AT, patch: null, whole: true, document: documentOf(5) };
  const unreadable: readonly unknown[] = [
    null,
    7,
    [],
    {},
    { type: 'a_later_type', ...AT },
    { type: 'toString' },
    { ...version, document: [] },
    { ...version, document: null },
    { ...version, document: undefined },
    { ...version, patch: [] },
    { ...version, patch: undefined },
    { ...version, whole: 1 },
    ...[0, -1, 1.5, '3', null, 2 ** 53].map((seq) => ({ ...version, seq })),
    ...[0, 999_999_999_999, -EPOCH, EPOCH + 0.5, 10 ** 15, String(EPOCH)].map((epoch) => ({
      ...version,
      epoch,
    })),
    { type: 'heartbeat', ...AT },
    { type: 'heartbeat', ...AT, nodes: -1 },
    { type: 'heartbeat', ...AT, nodes: 1001 },
    { type: 'heartbeat', epoch: EPOCH, seq: 0, nodes: 1 },
    { type: 'heartbeat', epoch: 5, seq: 1, nodes: 1 },
    { type: 'round_ended', ...AT },
    { type: 'round_ended', ...AT, outcome: 'a later one' },
    { type: 'round_ended', epoch: EPOCH, outcome: 'failed' },
  ];
  test.each(unreadable.map((message) => [JSON.stringify(message).slice(0, 120), message]))(
    'is nothing when it is %s',
    (_, message) => {
      expect(read(JSON.stringify(message))).toBeNull();
    },
  );

  test('is believed up to the highest epoch that its time allows, and one ms later up to the next', () => {
    const limit = maxEpochAt(NOW_MS);
    const messages = (epoch: number) => [
      versionMessage(whole(1, 5, epoch), JSON.stringify(documentOf(5))),
      plainMessage({ type: 'heartbeat', epoch, seq: 1, nodes: 1 }),
      plainMessage({ type: 'round_ended', epoch, seq: 1, outcome: 'failed' }),
    ];
    for (const text of messages(limit)) expect(read(text)).toMatchObject({ epoch: limit });
    for (const text of messages(limit + 1)) {
      expect(read(text)).toBeNull();
      expect(readMessage(text, NOW_MS + 1)).toMatchObject({ epoch: limit + 1 });
    }
  });

  test('is nothing when it is no JSON, too long, or nested without end', () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const long = JSON.stringify('x'.repeat(2_000_000));
    const withKey = (value: string) => versionMessage(whole(3, 5), `{"later":${value}}`);
    expect(read(withKey('[[1]]'))).not.toBeNull();
    const texts = ['', '{', 'garbage', '\u0000', nested, withKey(nested), withKey(long)];
    for (const text of texts) expect(read(text)).toBeNull();
  });

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(read(text)).toBeNull();
      }),
    );
  });
});
