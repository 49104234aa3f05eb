/** The simulator: one origin that speaks every upstream's own API from one market, with faults on demand. */

import type { Clock } from '../contract/index.ts';
import { answerRequest } from './answer-request.ts';
import { CONTROL_PREFIX, control } from './control.ts';
import { deliver } from './deliver.ts';
import { type Loopback, listenOnLoopback } from './loopback.ts';
import { createSimulated } from './simulated.ts';
import { serveStreams } from './streams/serve-streams.ts';

/** How a simulator is made. */
export interface SimulatorOptions {
  readonly clock: Clock;
  /** Of the requests; the streams have any free one beside it. 0 = any free port. */
  readonly port: number;
  /** Whole number; the same seed gives the same market. */
  readonly seed: number;
  /** Called for every request to an upstream, with the path alone: a query may hold a secret. */
  readonly onRequest?: (method: string, path: string) => void;
}

/** A simulator that listens. */
export interface Simulator extends Loopback {
  /** `ws://127.0.0.1:PORT`, the origin of every exchange's stream. */
  readonly wsUrl: string;
}

/**
 * Starts to listen.
 * @throws what listening throws, e.g. `EADDRINUSE`
 */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock, port, seed, onRequest } = options;
  const simulated = createSimulated(clock, seed);
  const requests = await listenOnLoopback(port, async (request, response) => {
    if (request.path.startsWith(CONTROL_PREFIX)) {
      await deliver(response, control(simulated, request), null);
      return;
    }
    onRequest?.(request.method, request.path);
    const reply = answerRequest(simulated, request, clock.now());
    if (reply.kind === 'answer') await deliver(response, reply.answer, reply.fault);
    else if (reply.kind === 'reset') response.socket?.resetAndDestroy();
  });
  const sockets = serveStreams(simulated.streams, 0);
  return {
    url: requests.url,
    wsUrl: sockets.url,
    async close() {
      simulated.streams.close();
      await Promise.all([requests.close(), sockets.close()]);
    },
  };
}
