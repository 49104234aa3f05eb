import { startSimulator } from '../../simulator/launch.ts';
import { startNodes } from '../start-nodes.ts';
import { type RunningSentinels, startSentinels } from '../start-sentinels.ts';
import type { FaultScope } from './fault-case.ts';
import { type Besides, type RedisStage, redisFault } from './redis-fault.ts';
import { testFaults } from './test-faults.ts';

interface SentinelStage extends RedisStage {
  readonly sentinels: RunningSentinels;
}

/** The market's own walk is what moves the figures, so any seed does. */
const SEED = 11;

/** Three nodes that find their Redis through three Sentinels. */
async function setSentinelStage(scope: FaultScope): Promise<SentinelStage> {
  const simulator = await startSimulator({ seed: SEED });
  scope.cleanUp(() => simulator.stop());
  const sentinels = await startSentinels();
  scope.cleanUp(() => sentinels.stop());
  const { url, port } = await sentinels.master();
  const redis = { url, port, command: sentinels.command };
  const hosts = sentinels.sentinels.map((sentinel) => `127.0.0.1:${sentinel.port}`).join(',');
  const nodes = await startNodes({
    count: 3,
    simulator,
    redis,
    redisUrl: `redis-sentinel://${hosts}/${sentinels.masterName}`,
    environment: { FETCH_INTERVAL_SECONDS: '1' },
  });
  scope.cleanUp(() => nodes.end());
  return { ...nodes, simulator, redis, sentinels };
}

testFaults([
  redisFault({
    id: '5.18',
    what: 'Sentinels: the master killed, its replica in its place, the old one back as replica',
    stage: setSentinelStage,
    async strike({ sentinels }): Promise<Besides> {
      const old = await sentinels.master();
      const withoutMs = await sentinels.killMaster();
      await old.restart();
      return { measured: `${(withoutMs / 1000).toFixed(1)} s without a master`, pass: true };
    },
  }),
  redisFault({
    id: '5.19',
    what: 'Sentinels: the master changed for its replica while both live, the old one read-only',
    stage: setSentinelStage,
    async strike({ sentinels }): Promise<Besides> {
      const old = await sentinels.master();
      await sentinels.switchMaster();
      const role = await old.command('ROLE');
      const name = Array.isArray(role) ? String(role[0]) : '';
      return { measured: `the old master is a ${name} now`, pass: name === 'slave' };
    },
  }),
]);
