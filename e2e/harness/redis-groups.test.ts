import { expect, test } from 'bun:test';
import { startRedisCluster } from '../start-redis-cluster.ts';
import { startSentinels } from '../start-sentinels.ts';
import { until } from '../until.ts';

test('sentinels name another master when theirs is killed, and take the old one back as a replica', async () => {
  const group = await startSentinels();
  try {
    const first = await group.master();
    await first.command('SET', 'a', '1');
    await first.command('WAIT', '1', '1000');
    expect(await group.killMaster()).toBeGreaterThan(500);
    const second = await group.master();
    expect(second.port).not.toBe(first.port);
    expect(await second.command('GET', 'a')).toBe('1');
    expect(await group.command('SET', 'a', '2')).toBe('OK');
    expect(await second.command('GET', 'a')).toBe('2');

    await first.restart();
    await until(
      () => first.command('GET', 'a'),
      (reply) => reply === '2',
      30_000,
    );
    await expect(first.command('SET', 'a', '3')).rejects.toThrow(/READONLY/);
  } finally {
    await group.stop();
  }
}, 90_000);

test('sentinels change the master of two that live: the old one becomes read-only', async () => {
  const group = await startSentinels();
  try {
    const old = await group.master();
    await group.switchMaster();
    expect((await group.master()).port).not.toBe(old.port);
    await expect(old.command('SET', 'a', '1')).rejects.toThrow(/READONLY/);
  } finally {
    await group.stop();
  }
}, 90_000);

test('a cluster shares its slots among three masters', async () => {
  const cluster = await startRedisCluster();
  try {
    const [first] = cluster.nodes;
    expect(cluster.nodes).toHaveLength(3);
    // Keys with one hash tag are on one master; the others name it.
    const answers = await Promise.all(
      cluster.nodes.map((node) =>
        node.command('MSET', '{tag}a', '1', '{tag}b', '2').catch((error) => String(error)),
      ),
    );
    expect(answers.filter((answer) => answer === 'OK')).toHaveLength(1);
    expect(answers.filter((answer) => String(answer).includes(' 127.0.0.1:'))).toHaveLength(2);
    expect(await cluster.command('GET', '{tag}b')).toBe('2');
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(await cluster.command('SET', key, key)).toBe('OK');
    }
    expect(String(await first?.command('CLUSTER', 'INFO'))).toContain('cluster_slots_ok:16384');
  } finally {
    await cluster.stop();
  }
}, 60_000);
