/** The control API of a simulator in another process, as methods. */

import type { Fault } from './faults.ts';
import type { MarketChange, SimulatedFigures } from './market.ts';
import type { Quota, QuotasView } from './quotas.ts';
import type { RequestLogView } from './request-log.ts';
import type { StreamAction } from './streams/stream-faults.ts';
import type { StreamLogView } from './streams/stream-log.ts';
import type { StreamFaultChanges } from './streams/stream-side.ts';
import type { Exchange } from './ticker.ts';
import type { Block, ByUpstream, UpstreamState } from './upstream-states.ts';

/** Every method rejects with the simulator's own words when it refuses an input. */
export interface RemoteControl {
  /** By route, e.g. `/api/v3/global`; `null` takes a fault away. */
  setFaults(faults: Readonly<Record<string, Fault | null>>): Promise<void>;
  clearFaults(): Promise<void>;
  /** Upstreams as a whole, their streams too: answering, dead or frozen. */
  setUpstreams(changes: ByUpstream<UpstreamState>): Promise<void>;
  /** Upstreams that refuse this place, with which status; `null` lifts a block. */
  setBlocks(changes: ByUpstream<Block | null>): Promise<void>;
  /** How often upstreams let themselves be called; `null` lifts the limits of one. */
  setQuotas(changes: ByUpstream<Quota | null>): Promise<void>;
  quotas(): Promise<QuotasView>;
  /** By exchange, in the place of what it had; `null` takes its faults away. */
  setStreamFaults(changes: StreamFaultChanges): Promise<void>;
  clearStreamFaults(): Promise<void>;
  /** Cuts, shuts down, or puts frames on every open connection of an exchange. */
  actOnStream(exchange: Exchange, action: StreamAction): Promise<void>;
  setMarket(change: MarketChange): Promise<SimulatedFigures>;
  /** One step of the walk, also while frozen. */
  stepMarket(): Promise<SimulatedFigures>;
  figures(): Promise<SimulatedFigures>;
  requests(): Promise<RequestLogView>;
  clearRequests(): Promise<void>;
  /** What clients of the streams did. */
  connections(): Promise<StreamLogView>;
  clearConnections(): Promise<void>;
}

/** @param url `http://127.0.0.1:PORT` */
export function createRemoteControl(url: string): RemoteControl {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}/_sim/${path}`, { method, ...init });
    const answer = await response.json();
    if (!response.ok) throw new Error(`the simulator refused: ${JSON.stringify(answer)}`);
    return answer;
  };
  const tell = async (...request: Parameters<typeof ask>): Promise<void> => {
    await ask(...request);
  };
  // Both ends of the control API are in this folder, so its answers have the shapes of the interfaces.
  const figures = async (...request: Parameters<typeof ask>) =>
    (await ask(...request)) as SimulatedFigures;
  return {
    setFaults: (faults) => tell('PUT', 'faults', faults),
    clearFaults: () => tell('DELETE', 'faults'),
    setUpstreams: (changes) => tell('PUT', 'upstreams', changes),
    setBlocks: (changes) => tell('PUT', 'blocks', changes),
    setQuotas: (changes) => tell('PUT', 'quotas', changes),
    quotas: async () => (await ask('GET', 'quotas')) as QuotasView,
    setStreamFaults: (changes) => tell('PUT', 'streams', changes),
    clearStreamFaults: () => tell('DELETE', 'streams'),
    actOnStream: (exchange, action) => tell('POST', 'streams', { [exchange]: action }),
    setMarket: (change) => figures('PUT', 'market', change),
    stepMarket: () => figures('POST', 'step'),
    figures: () => figures('GET', 'market'),
    requests: async () => (await ask('GET', 'requests')) as RequestLogView,
    clearRequests: () => tell('DELETE', 'requests'),
    connections: async () => (await ask('GET', 'connections')) as StreamLogView,
    clearConnections: () => tell('DELETE', 'connections'),
  };
}
