/** Everything that a simulator consists of, without a transport: one market, and what is told of it, well or badly. */

import type { Clock } from '../contract/index.ts';
import type { Controlled } from './control.ts';
import { createFaults } from './faults.ts';
import { createMarket } from './market.ts';
import { createQuotas } from './quotas.ts';
import { createRequestLog } from './request-log.ts';
import { createStreamSide } from './streams/stream-side.ts';
import { createUpstreamStates } from './upstream-states.ts';
import { ROUTES } from './upstreams/index.ts';

/** @param seed whole number; the same seed gives the same market */
export function createSimulated(clock: Clock, seed: number): Controlled {
  const market = createMarket(clock, seed);
  const states = createUpstreamStates();
  return {
    market,
    states,
    quotas: createQuotas(),
    faults: createFaults(),
    log: createRequestLog(),
    streams: createStreamSide({ clock, ticker: market.exchangeCoin, states }),
    routes: [...ROUTES.keys()],
  };
}
