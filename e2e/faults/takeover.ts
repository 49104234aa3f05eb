/** Who asks the upstreams, and since when: what a takeover is measured by. */

import type { RunningNode } from '../start-node.ts';
import { until } from '../until.ts';

/** From a leader that is gone without a word to another one's first call. */
export const TAKEOVER_MS = 7000;
/** From the exit of a leader that was asked to stop to another one's first call. */
export const HANDOVER_MS = 1000;
/** After it a leader that hears nothing from Redis may not call any more: `LEASE_TTL_MS` by default. */
export const LEASE_TTL_MS = 5000;

/** A node's calls to upstreams, from `fromMs` on, on `performance.now()`. */
export const callsSince = (node: RunningNode, fromMs: number): number[] =>
  node.toUpstreams.accepted().filter((atMs) => atMs >= fromMs);

/** Calls are waited for beyond the limit, so that a late one is measured rather than missed. */
const WAIT_MS = 3 * TAKEOVER_MS;

/** Resolves with the time of the first call that one of `nodes` makes after `fromMs`. */
export async function firstCall(nodes: readonly RunningNode[], fromMs: number): Promise<number> {
  const read = () => nodes.flatMap((node) => callsSince(node, fromMs));
  return Math.min(...(await until(read, (calls) => calls.length > 0, WAIT_MS)));
}
