/** The simulator: one origin that speaks every upstream's own API from one market, with faults on demand. */

import type { Clock } from '../contract/index.ts';
import { CONTROL_PREFIX, type Controlled, control, refused } from './control.ts';
import { deliver } from './deliver.ts';
import { createFaults } from './faults.ts';
import { type Loopback, type LoopbackRequest, listenOnLoopback } from './loopback.ts';
import { createMarket } from './market.ts';
import { createRequestLog } from './request-log.ts';
import { ROUTES } from './upstreams/index.ts';
import type { Answer } from './upstreams/upstream.ts';

/** How a simulator is made. */
export interface SimulatorOptions {
  readonly clock: Clock;
  /** 0 = any free port. */
  readonly port: number;
  /** Whole number; the same seed gives the same market. */
  readonly seed: number;
  /** Called for every request to an upstream, with the path alone: a query may hold a secret. */
  readonly onRequest?: (method: string, path: string) => void;
}

/**
 * Starts to listen.
 * @throws what listening throws, e.g. `EADDRINUSE`
 */
export function createSimulator(options: SimulatorOptions): Promise<Loopback> {
  const { clock, port, seed, onRequest } = options;
  const controlled: Controlled = {
    market: createMarket(clock, seed),
    faults: createFaults(),
    log: createRequestLog(),
    routes: [...ROUTES.keys()],
  };
  return listenOnLoopback(port, async (request, response) => {
    if (request.path.startsWith(CONTROL_PREFIX)) {
      await deliver(response, control(controlled, request), null);
      return;
    }
    onRequest?.(request.method, request.path);
    const route = ROUTES.get(request.path);
    const nowMs = clock.now();
    controlled.log.add(route ? route.path : null, {
      method: request.method,
      path: request.path,
      query: Object.fromEntries(request.query),
      user_agent: request.userAgent,
      at: new Date(nowMs).toISOString(),
    });
    const fault = route ? controlled.faults.take(route.path) : null;
    await deliver(response, answer(controlled, request, nowMs), fault);
  });
}

function answer({ market }: Controlled, request: LoopbackRequest, nowMs: number): Answer {
  const route = ROUTES.get(request.path);
  if (!route) return refused(404, 'not_found', 'no simulated upstream has this path');
  if (request.method !== 'GET') return refused(405, 'method_not_allowed', 'GET only');
  return route.answer(request, market, nowMs);
}
