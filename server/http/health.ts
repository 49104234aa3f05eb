/** `/healthz` and `/readyz`: whether the process lives, and whether it should be sent visitors. */

import { type Clock, isNoPosition, judgeDegraded } from '../../contract/index.ts';
import type { Broker } from '../broker/broker.ts';
import type { Hub, SocketData } from '../hub/hub.ts';
import { answerJson } from './answers.ts';
import type { Route } from './route.ts';

const UNCACHED = { 'Cache-Control': 'no-store' };

/** 200 as long as anything is answered at all. */
export const HEALTH_ROUTE: Route = {
  methods: ['GET'],
  handle: () => answerJson(200, '{"status":"ok"}', UNCACHED),
};

/**
 * 200 once a document is held, however old its figures, and until the server drains: a node that is not at its best
 * still serves what it has, and says so in `degraded`.
 */
export const createReadyRoute = (
  broker: Broker,
  hub: Pick<Hub<SocketData>, 'stats'>,
  clock: Clock,
  isDraining: () => boolean,
): Route => ({
  methods: ['GET'],
  handle() {
    const { epoch, seq, document } = broker.held();
    const ready = !isNoPosition({ epoch, seq }) && !isDraining();
    const body = {
      ready,
      draining: isDraining(),
      degraded: judgeDegraded(broker.conditions(), document, clock.now()),
      position: { epoch, seq },
      sockets: hub.stats().sockets,
    };
    return answerJson(ready ? 200 : 503, JSON.stringify(body), UNCACHED);
  },
});
