/** What most cases stand on: a simulated market, a Redis, and nodes that share both. */

import { type RunningSimulator, startSimulator } from '../../simulator/launch.ts';
import type { RunningNode } from '../start-node.ts';
import { type NodesOptions, type RunningNodes, startNodes } from '../start-nodes.ts';
import { type RedisOptions, type RunningRedis, startRedis } from '../start-redis.ts';
import type { FaultScope } from './fault-case.ts';

/** A stage. */
export interface FaultStage extends RunningNodes {
  readonly simulator: RunningSimulator;
  readonly redis: RunningRedis;
}

/** What differs from case to case. */
export interface FaultStageOptions
  extends Pick<NodesOptions, 'count' | 'environment' | 'besides' | 'redisUrl'> {
  readonly redis?: RedisOptions;
  /** Redis is killed before the nodes are started: nobody leads until it is `restart`ed. */
  readonly isRedisAway?: boolean;
  /** Of the market. */
  readonly seed?: number;
}

/** The market's own walk is what moves the figures, so any seed does. */
const SEED = 11;

/** Sets a stage that is cleared when the case is over. */
export async function setFaultStage(
  scope: Pick<FaultScope, 'cleanUp' | 'explain'>,
  { redis: redisOptions = {}, isRedisAway = false, seed = SEED, ...options }: FaultStageOptions,
): Promise<FaultStage> {
  const simulator = await startSimulator({ seed });
  scope.cleanUp(() => simulator.stop());
  const redis = await startRedis(redisOptions);
  scope.cleanUp(() => redis.stop());
  if (isRedisAway) await redis.kill();
  const nodes = await startNodes({ ...options, simulator, redis });
  scope.cleanUp(() => nodes.end());
  scope.explain(() => nodes.nodes.map(lastWords).join('\n'));
  return { ...nodes, simulator, redis };
}

/** What a node said last is enough to tell what it was about. */
const LAST_LINES = 30;

const lastWords = ({ index, server }: RunningNode): string => {
  const lines = server.output().trimEnd().split('\n').slice(-LAST_LINES);
  return [`── node ${index}, process ${server.pid}`, ...lines].join('\n');
};
