import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { MAX_EPOCH, maxEpochAt } from '../../contract/index.ts';
import { TEST_KEYS } from '../redis/test-redis.ts';
import { documentOf, EMPTY, EPOCH, whole } from './broker-contract.ts';
import { versionMessage } from './channel-messages.ts';
import { holds, startTestCluster, type TestCluster, type TestNode } from './test-redis-broker.ts';

const HELD = { epoch: EPOCH, seq: 5 };
const NEXT = { epoch: EPOCH, seq: 6 };
const BEYOND = { epoch: maxEpochAt(Date.now()) + 3_600_000, seq: 1 };

const { btc_price_usd, btc_change_24h, fng_value, rsi_14, market_cap, volume_24h, last_updated } =
  documentOf(7);
/** The document of the first version of this program. */
const SEVEN_KEYS = {
  ...{ market_cap, volume_24h, btc_price_usd, btc_change_24h, fng_value, rsi_14, last_updated },
};

/** A version as a message, with something else in place of its document. */
const messageOf = (document: unknown, position = NEXT): string =>
  versionMessage({ ...whole(6, 0), ...position }, JSON.stringify(document));

describe('what strangers say on the channel', () => {
  let cluster: TestCluster;
  let node: TestNode;
  beforeAll(async () => {
    cluster = await startTestCluster();
    node = await cluster.node();
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    await cluster.lead(node);
    if (node.broker.held().seq === 0) await node.broker.publish(whole(HELD.seq, 1));
    await cluster.settle();
    node.events.length = 0;
  });

  const unreadable: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['no JSON', '{"type":"version"'],
    ['bytes', '\u0000\u0001\u0002'],
    ['a list', '[]'],
    ['a number', '1e999'],
    [
      'nested without end',
      `{"type":"version","later":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    ],
    ['a type that is not known', '{"type":"a_later_type","epoch":1795000000000,"seq":9}'],
    ['no document', messageOf(null)],
    ['a list for a document', messageOf([])],
    ['a document without the seven keys', messageOf({})],
    ...Object.keys(SEVEN_KEYS).flatMap((key) =>
      [true, {}, key === 'last_updated' ? 5 : '5'].map(
        (value) =>
          [
            `${JSON.stringify(value)} for ${key}`,
            messageOf({ ...documentOf(7), [key]: value }),
          ] as const,
      ),
    ),
    ['a document of more than 1 MB', messageOf({ ...documentOf(7), x: 'x'.repeat(1_000_000) })],
    ['a message of more than 2 MB', messageOf({ ...documentOf(7), x: 'x'.repeat(3_000_000) })],
    ['a document of the other kind', messageOf({ ...documentOf(7), simulated: true })],
    ['a position of 12 digits', messageOf(documentOf(7), { epoch: 999_999_999_999, seq: 6 })],
    ['a position of 16 digits', messageOf(documentOf(7), { epoch: 1_795_000_000_000_000, seq: 1 })],
    ['the highest position by its form', messageOf(documentOf(7), { epoch: MAX_EPOCH, seq: 1 })],
    ['a position a hundred years and an hour ahead', messageOf(documentOf(7), BEYOND)],
    ['a position before the first', messageOf(documentOf(7), { epoch: EPOCH + 1, seq: 0 })],
    ['half a position', messageOf(documentOf(7), { epoch: EPOCH, seq: 6.5 })],
    ['the position that is held', messageOf(documentOf(7), HELD)],
    ['an earlier position', messageOf(documentOf(7), { epoch: EPOCH, seq: 4 })],
    ['an earlier term', messageOf(documentOf(7), { epoch: EPOCH - 1, seq: 9 })],
  ];
  test.each(unreadable)('changes nothing when it is %s', async (_, text) => {
    const before = node.broker.held();
    await cluster.redis.command('PUBLISH', TEST_KEYS.updates, text);
    await cluster.settle();
    expect(node.broker.held()).toBe(before);
    expect(node.events).toEqual([]);
  });

  test('is said once in the log, until it can be read again', async () => {
    const publish = (text: string) => cluster.redis.command('PUBLISH', TEST_KEYS.updates, text);
    const unreadable = (seq: number) => messageOf({ market_cap: 'no' }, { epoch: EPOCH, seq });
    await publish(messageOf(documentOf(8)));
    await cluster.settle();
    node.lines.length = 0;
    for (let times = 0; times < 5; times++) await publish(unreadable(7));
    await cluster.settle();
    expect(node.lines).toHaveLength(1);
    await publish(messageOf(documentOf(8), { epoch: EPOCH, seq: 8 }));
    await publish(unreadable(9));
    await cluster.settle();
    expect(node.lines).toHaveLength(2);
  });

  test('is heard from a later version of this program, whose unknown keys are passed on', async () => {
    const position = { epoch: EPOCH + 1, seq: 1 };
    const document = { ...documentOf(9), a_later_key: ['₫'] };
    const message = JSON.parse(messageOf(document, position));
    await cluster.redis.command(
      'PUBLISH',
      TEST_KEYS.updates,
      JSON.stringify({ ...message, a_later_key: 1 }),
    );
    await holds(node, position);
    expect(node.broker.held().json).toBe(JSON.stringify(document));
    expect(node.broker.held().document.market_cap).toBe(9);
  });
});

describe('what strangers leave in the key', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await startTestCluster();
  });
  afterEach(() => cluster.stop());

  const put = async (...value: readonly string[]) => {
    const { command } = cluster.redis;
    await command(
      'HSET',
      TEST_KEYS.term,
      'term',
      String(EPOCH),
      'epoch',
      String(EPOCH),
      'seq',
      '5',
    );
    await command(...value);
  };
  const { document: key } = TEST_KEYS;

  test.each([
    ['no JSON', ['SET', key, 'garbage']],
    ['nothing', ['SET', key, '']],
    ['a list', ['SET', key, '[1,2]']],
    ['another type', ['RPUSH', key, JSON.stringify(documentOf(7))]],
    ['a hash', ['HSET', key, 'json', JSON.stringify(documentOf(7))]],
    ['a wrong type in a key', ['SET', key, JSON.stringify({ ...documentOf(7), rsi_14: '30' })]],
    ['the other kind', ['SET', key, JSON.stringify({ ...documentOf(7), simulated: true })]],
    ['nested without end', ['SET', key, `{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`]],
    [
      'more than 1 MB',
      ['SET', key, JSON.stringify({ ...documentOf(7), x: 'x'.repeat(1_000_000) })],
    ],
  ])('counts as missing when it is %s, and the leader replaces it', async (_, value) => {
    await put(...value);
    const node = await cluster.node();
    expect(node.broker.held()).toMatchObject({ epoch: 0, seq: 0 });
    expect(node.events).toEqual([]);
    await cluster.lead(node, EPOCH + 1);
    expect(await node.broker.publish(whole(1, 3, EPOCH + 1))).toBe('ok');
    expect(await cluster.redis.command('GET', key)).toBe(JSON.stringify(documentOf(3)));
  });

  test.each([
    ['epoch', 'garbage'],
    ['epoch', '5'],
    ['epoch', '1795000000000000'],
    ['epoch', `${BEYOND.epoch}`],
    ['seq', '0'],
    ['seq', '-1'],
    ['seq', '1e3'],
  ])('counts as missing with the %s %s', async (field, value) => {
    await put('SET', key, JSON.stringify(documentOf(7)));
    await cluster.redis.command('HSET', TEST_KEYS.term, field, value);
    const node = await cluster.node();
    expect(node.broker.held()).toMatchObject({ epoch: 0, seq: 0 });
    expect(node.events).toEqual([]);
  });

  test('is read from an older version of this program, and lacks what that one did not know', async () => {
    await put('SET', key, JSON.stringify(SEVEN_KEYS));
    const node = await cluster.node();
    const held = await holds(node, HELD);
    expect(held.json).toBe(JSON.stringify(SEVEN_KEYS));
    // A figure of which nobody says whose it is and of when is none.
    expect(held.document).toEqual({ ...EMPTY, last_updated });
  });
});
