import { describe, expect, test } from 'bun:test';
import { at } from '../broker/test-broker.ts';
import { type Redis, takeRoles } from './test-roles.ts';

const rises = (epochs: readonly number[]) =>
  epochs.every((epoch, index) => index === 0 || epoch > (epochs[index - 1] ?? 0));

describe('a node that shares a Redis', () => {
  test('leads while Redis answers, for as long as it does', async () => {
    const { clock, roles, happened } = takeRoles();
    expect(roles.isHeld()).toBe(false);
    roles.start();
    roles.start();
    await clock.advanceAsync(300_000);
    expect(roles.isHeld()).toBe(true);
    expect(happened).toEqual(['shared', 'gained']);
  });

  for (const redis of ['refuses', 'silent'] as const) {
    test(`is solo after half a minute in which Redis ${redis === 'silent' ? 'said nothing' : 'answered with errors'}`, async () => {
      const { clock, roles, happened, nodes, setRedis, hear } = takeRoles();
      roles.start();
      await clock.advanceAsync(10_000);
      hear({ type: 'heartbeat', position: at(1), nodes: 3 });
      setRedis(redis);
      await clock.advanceAsync(5000);
      expect(happened).toEqual(['shared', 'gained', 'lost']);
      expect(roles.isHeld()).toBe(false);
      await clock.advanceAsync(24_000);
      expect(happened).toHaveLength(3);
      await clock.advanceAsync(3000);
      expect(happened.slice(3)).toEqual(['solo', 'gained']);
      expect(roles.isHeld()).toBe(true);
      expect(nodes).toEqual([1, 3]);
    });
  }

  test('is not solo for one try without an answer, with the longest lease there may be', async () => {
    const { clock, roles, happened, counts, setRedis } = takeRoles({ redis: 'led', ttlMs: 10_000 });
    roles.start();
    for (let loss = 0; loss < 5; loss++) {
      await clock.advanceAsync(60_000);
      const before = counts.acquire;
      setRedis('silent');
      while (counts.acquire === before) await clock.advanceAsync(10);
      setRedis('led');
    }
    await clock.advanceAsync(60_000);
    expect(happened).toEqual(['shared']);
  });

  test('shares the budgets with a hundred nodes at most, whatever a message says', async () => {
    const { clock, roles, nodes, setRedis, hear } = takeRoles();
    roles.start();
    await clock.advanceAsync(1000);
    hear({ type: 'heartbeat', position: at(1), nodes: 1000 });
    setRedis('refuses');
    await clock.advanceAsync(32_000);
    expect(nodes).toEqual([1, 100]);
  });

  test('is solo also when Redis was away from the start, up to 15 s later', async () => {
    const { clock, roles, happened, nodes } = takeRoles({ redis: 'refuses', random: 0.999 });
    roles.start();
    await clock.advanceAsync(44_000);
    expect(happened).toEqual(['shared']);
    await clock.advanceAsync(3000);
    expect(happened).toEqual(['shared', 'solo', 'gained']);
    expect(nodes).toEqual([1]);
  });

  test('pursues no lease while it is solo', async () => {
    const { clock, roles, counts, hear, connect } = takeRoles({ redis: 'refuses' });
    roles.start();
    await clock.advanceAsync(32_000);
    const { acquire, raise } = counts;
    hear({ type: 'lease_free' });
    await clock.advanceAsync(120_000);
    await connect();
    expect(counts.acquire).toBe(acquire);
    expect(counts.raise).toBeGreaterThan(raise);
  });

  test('does not come back before its last try for the lease has had its answer', async () => {
    // With this much at random it goes solo while a try is under way.
    const { clock, roles, counts, happened, setRedis, connect } = takeRoles({
      redis: 'silent',
      random: 0.19,
    });
    roles.start();
    await clock.advanceAsync(34_200);
    expect(happened.at(-1)).toBe('gained');
    expect(counts.trying).toBe(1);
    setRedis('answers');
    await connect();
    expect(counts.trying).toBe(1);
    expect(counts.raise).toBe(0);
    await clock.advanceAsync(1500);
    expect(counts.trying).toBe(0);
    await connect();
    expect(counts.raise).toBe(1);
    expect(happened.slice(-2)).toEqual(['shared', 'gained']);
  });

  test('is told that its own term is over before it is no longer solo and tries for the lease', async () => {
    const { clock, broker, roles, happened, raised, setRedis, connect } = takeRoles({
      redis: 'refuses',
    });
    roles.start();
    await clock.advanceAsync(32_000);
    const { json } = broker.change({ market_cap: 1 });
    happened.length = 0;
    setRedis('answers');
    await connect();
    expect(happened).toEqual(['lost', 'not solo', 'shared', 'gained']);
    expect(raised.at(-1)).toEqual({ ...at(1), json });
    await clock.advanceAsync(120_000);
    expect(happened).toHaveLength(4);
    expect(roles.isHeld()).toBe(true);
  });

  test('comes and goes with epochs that rise, also when nothing of a term was published', async () => {
    // The clock is set back, so that it alone would not suffice.
    const { clock, roles, epochs, seen, happened, setRedis, connect } = takeRoles();
    roles.start();
    await clock.advanceAsync(0);
    clock.setWall(clock.now() - 3_600_000);
    for (let turn = 0; turn < 3; turn++) {
      setRedis('silent');
      await clock.advanceAsync(40_000);
      expect(happened.at(-2)).toBe('solo');
      setRedis('answers');
      await connect();
    }
    expect(epochs).toHaveLength(7);
    expect(rises(epochs)).toBe(true);
    expect(seen.slice(1)).toEqual(epochs.slice(0, -1));
    const terms = happened.filter((what) => what === 'gained' || what === 'lost');
    expect(terms.every((what, index) => what === (index % 2 === 0 ? 'gained' : 'lost'))).toBe(true);
  });
});

describe('a listener that throws', () => {
  test('leaves a solo node its way back', async () => {
    const { clock, roles, counts, happened, setRedis, connect } = takeRoles({ redis: 'refuses' });
    roles.subscribe(() => {
      throw new Error('a mistake');
    });
    roles.start();
    const thrown = await clock.advanceAsync(32_000).then(
      () => null,
      (error: Error) => error.message,
    );
    expect(thrown).toBe('a mistake');
    setRedis('answers');
    await clock.advanceAsync(0);
    await connect();
    expect(counts.raise).toBeGreaterThan(0);
    expect(happened).toContain('not solo');
  });
});

describe('closing', () => {
  const states: readonly [string, Redis, number][] = [
    ['a leader', 'answers', 10_000],
    ['a node whose try is under way', 'silent', 700],
    ['a node that waits between two tries', 'refuses', 1000],
    ['a solo node', 'refuses', 35_000],
    ['a solo node that tries to come back', 'silent', 36_000],
  ];
  for (const [name, redis, afterMs] of states) {
    test(`${name} leaves no timer and no listener, and nothing follows`, async () => {
      const { clock, roles, happened, setRedis, connect, listeners } = takeRoles({ redis });
      roles.start();
      await clock.advanceAsync(afterMs);
      let isClosed = false;
      const closed = roles.close().then(() => {
        isClosed = true;
      });
      await clock.advanceAsync(3000);
      expect(isClosed).toBe(true);
      await closed;
      expect(roles.isHeld()).toBe(false);
      expect(happened.filter((what) => what === 'gained')).toHaveLength(
        happened.filter((what) => what === 'lost').length,
      );
      expect(clock.pending()).toBe(0);
      expect(listeners()).toBe(0);
      const before = happened.length;
      setRedis('answers');
      await connect();
      roles.renewTerm();
      roles.standBack(1000);
      await clock.advanceAsync(120_000);
      expect(happened).toHaveLength(before);
      expect(clock.pending()).toBe(0);
    });
  }

  test('before the start, and twice, changes nothing', async () => {
    const { clock, roles, happened } = takeRoles();
    await roles.close();
    await roles.close();
    expect(happened).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
