/**
 * The simulator within a process: no socket, no timer but the given clock's. Answers `fetch` and connections as the
 * upstreams themselves would, each at an origin of its own, for tests that run a whole day in seconds.
 */

import { type Clock, SOURCE_IDS, type SourceId } from '../contract/index.ts';
import type { Controlled } from './control.ts';
import { type Origins, simulatedEnvironment, type Variables } from './environment.ts';
import { createInProcessConnect, type InProcessConnect } from './in-process-connect.ts';
import { createInProcessFetch, type InProcessFetch } from './in-process-fetch.ts';
import type { RequestLogView } from './request-log.ts';
import { createSimulated } from './simulated.ts';
import type { StreamLogView } from './streams/stream-log.ts';

/** How it is made. */
export interface InProcessOptions {
  readonly clock: Clock;
  /** Whole number; the same seed gives the same market. */
  readonly seed: number;
  /** From a request to the first byte of its answer, from a connection's beginning to its opening, ms. */
  readonly latencyMs?: number;
}

/** What can be controlled, each as the control API has it. */
type Controls = Pick<Controlled, 'market' | 'states' | 'quotas' | 'faults' | 'streams'>;

/** A simulator in this process. */
export interface InProcessSimulator extends Controls {
  /** The server's variables: every upstream at an origin that is its own, no Redis. Sets no secret and no `DATA_DIR`. */
  readonly environment: Variables;
  /** In the place of the platform's `fetch`. */
  readonly fetch: InProcessFetch;
  /** In the place of what opens WebSockets. */
  readonly connect: InProcessConnect;
  requests(): RequestLogView;
  connections(): StreamLogView;
  /** Ends every connection; requests that wait go on waiting. */
  close(): void;
}

/** A near data centre. */
const DEFAULT_LATENCY_MS = 20;

export function createInProcessSimulator(options: InProcessOptions): InProcessSimulator {
  const { clock, seed, latencyMs = DEFAULT_LATENCY_MS } = options;
  const simulated = createSimulated(clock, seed);
  const { market, states, quotas, faults, streams, log } = simulated;
  const upstreamAt = (origin: string) => UPSTREAM_AT.get(origin) ?? null;
  return {
    market,
    states,
    quotas,
    faults,
    streams,
    environment: simulatedEnvironment(ORIGINS),
    fetch: createInProcessFetch({ clock, simulated, latencyMs, upstreamAt }),
    connect: createInProcessConnect({ clock, streams, latencyMs, upstreamAt }),
    requests: log.view,
    connections: streams.log,
    close: streams.close,
  };
}

/** Origins that exist nowhere: `http://alternative-me.simulated`. */
const ORIGINS: Origins = {
  http: (id) => `http://${hostOf(id)}`,
  ws: (id) => `ws://${hostOf(id)}`,
};
const hostOf = (id: SourceId): string => `${id.replaceAll('_', '-')}.simulated`;

const UPSTREAM_AT: ReadonlyMap<string, SourceId> = new Map(
  SOURCE_IDS.flatMap((id): [string, SourceId][] => [
    [ORIGINS.http(id), id],
    [ORIGINS.ws(id), id],
  ]),
);
