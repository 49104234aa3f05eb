/** The simulator: one origin that speaks every upstream's own API from one market, with faults on demand. */

import type { Clock } from '../contract/index.ts';
import { answerRequest } from './answer-request.ts';
import { CONTROL_PREFIX, type Controlled, control } from './control.ts';
import { deliver } from './deliver.ts';
import { createFaults } from './faults.ts';
import { type Loopback, listenOnLoopback } from './loopback.ts';
import { createMarket } from './market.ts';
import { createQuotas } from './quotas.ts';
import { createRequestLog } from './request-log.ts';
import { serveStreams } from './streams/serve-streams.ts';
import { createStreamSide } from './streams/stream-side.ts';
import { createUpstreamStates } from './upstream-states.ts';
import { ROUTES } from './upstreams/index.ts';

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
  const market = createMarket(clock, seed);
  const states = createUpstreamStates();
  const streams = createStreamSide({ clock, ticker: market.exchangeCoin, states });
  const controlled: Controlled = {
    market,
    states,
    streams,
    quotas: createQuotas(),
    faults: createFaults(),
    log: createRequestLog(),
    routes: [...ROUTES.keys()],
  };
  const requests = await listenOnLoopback(port, async (request, response) => {
    if (request.path.startsWith(CONTROL_PREFIX)) {
      await deliver(response, control(controlled, request), null);
      return;
    }
    onRequest?.(request.method, request.path);
    const reply = answerRequest(controlled, request, clock.now());
    if (reply.kind === 'answer') await deliver(response, reply.answer, reply.fault);
    else if (reply.kind === 'reset') response.socket?.resetAndDestroy();
  });
  const sockets = serveStreams(streams, 0);
  return {
    url: requests.url,
    wsUrl: sockets.url,
    async close() {
      streams.close();
      await Promise.all([requests.close(), sockets.close()]);
    },
  };
}
