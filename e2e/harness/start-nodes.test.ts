import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { comparePositions } from '../../contract/index.ts';
import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import { type RunningNodes, startNodes } from '../start-nodes.ts';
import { type RunningRedis, startRedis } from '../start-redis.ts';
import { until } from '../until.ts';

describe('nodes that share a Redis', () => {
  let simulator: RunningSimulator;
  let redis: RunningRedis;
  let group: RunningNodes;

  beforeAll(async () => {
    [simulator, redis] = await Promise.all([startSimulator({ seed: 3 }), startRedis()]);
    group = await startNodes({ count: 3, simulator, redis });
  });
  afterAll(async () => {
    await group.end();
    await redis.stop();
    await simulator.stop();
  });

  test('have one leader, who alone calls the upstreams', async () => {
    const leader = await group.newLeader();
    expect(group.claimants()).toEqual([leader]);
    const rounds = await group.rounds();
    await until(group.rounds, (now) => now > rounds);
    for (const node of group.nodes) {
      if (node === leader) expect(node.toUpstreams.accepted().length).toBeGreaterThan(1);
      else expect(node.toUpstreams.accepted()).toEqual([]);
    }
  });

  test('show the same bytes, which are those in Redis', async () => {
    const view = await group.inStep();
    expect(view.status).toBe(200);
    expect(view.position.seq).toBeGreaterThan(0);
    const found = await until(
      async () => {
        const { position, bytes } = await group.inStep();
        const stored = await redis.command('GET', group.keys.document);
        const [epoch, seq] = [
          await redis.command('HGET', group.keys.term, 'epoch'),
          await redis.command('HGET', group.keys.term, 'seq'),
        ];
        return { position, epoch, seq, isSame: stored === bytes };
      },
      ({ position, epoch, seq, isSame }) =>
        isSame && Number(epoch) === position.epoch && Number(seq) === position.seq,
    );
    expect(found.isSame).toBe(true);
    expect(await group.node(0).ready()).toEqual({ status: 200, degraded: [] });
  });

  test('go through proxies of their own: one that is cut off from Redis is not in step', async () => {
    const leader = await group.newLeader();
    const [cut] = group.nodes.filter((node) => node !== leader);
    if (cut === undefined) throw new Error('no follower');
    const before = await group.inStep();
    await cut.toRedis.cut();
    const others = group.nodes.filter((node) => node !== cut);
    await until(
      async () => comparePositions((await group.inStep(10_000, others)).position, before.position),
      (order) => order > 0,
    );
    const stuck = await cut.view();
    const current = await group.inStep(10_000, others);
    expect(comparePositions(stuck.position, current.position)).toBeLessThan(0);
    await cut.toRedis.heal();
    await group.inStep(20_000);
  });

  test('have another leader when theirs is killed, and take it back with its data', async () => {
    const first = await group.newLeader();
    const { url } = first.server;
    await first.kill();
    await expect(first.view()).rejects.toThrow();
    const second = await group.newLeader(20_000, first);
    expect(group.claimants()).toContain(second);
    await first.restart();
    expect(first.server.url).toBe(url);
    expect(first.ownTerm()).toBeNull();
    await group.inStep(20_000);
    expect(group.claimants()).toEqual([second]);
  });

  test('that are frozen do not answer, and are still stopped in the end', async () => {
    const frozen = await group.newLeader();
    frozen.server.signal('SIGSTOP');
    await expect(frozen.view()).rejects.toThrow();
    expect(frozen.ownTerm()).not.toBeNull();
    await group.newLeader(20_000, frozen);
    await frozen.server.stop();
    expect(await frozen.server.exited).toBe(0);
  });
});
