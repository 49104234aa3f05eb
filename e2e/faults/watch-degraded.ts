/** What nodes say of themselves on their sockets: when each condition began and ended, so that one that flaps is seen. */

import type { RunningNode } from '../start-node.ts';
import { watchSocket } from '../watch-socket.ts';
import type { FaultScope } from './fault-case.ts';

/** Everything that nodes said. */
export interface WatchedDegraded {
  /** How often each node said that `word` began and that it ended, in the order of the nodes. */
  changes(word: string): readonly Changes[];
}

/** Of a condition. */
export interface Changes {
  readonly begun: number;
  readonly ended: number;
}

/** Opens a socket to each of `nodes`, and keeps it until the case is over. */
export async function watchDegraded(
  scope: Pick<FaultScope, 'cleanUp'>,
  nodes: readonly RunningNode[],
): Promise<WatchedDegraded> {
  const sockets = await Promise.all(nodes.map(({ server }) => watchSocket(server.socketUrl)));
  for (const socket of sockets) scope.cleanUp(socket.close);
  const said = ({ frames }: (typeof sockets)[number]) =>
    frames.flatMap(({ frame }) => (frame?.type === 'hello' ? [frame.degraded] : []));
  return {
    changes: (word) => sockets.map((socket) => changesOf(said(socket), word)),
  };
}

/** @param said what a node said, in order; before it said anything, nothing was the matter */
function changesOf(said: readonly (readonly string[])[], word: string): Changes {
  const has = said.map((words) => words.some((one) => one === word));
  const begun = has.filter((now, index) => now && has[index - 1] !== true).length;
  const ended = has.filter((now, index) => !now && has[index - 1] === true).length;
  return { begun, ended };
}
