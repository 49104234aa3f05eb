/** marketcast-client: keeps a browser (also Bun, Node, Deno) in step with a Marketcast server. */

export type { Clock, Timer } from '../contract/clock.ts';
export type { DashboardDocument } from '../contract/document.ts';
export type { Degraded } from '../contract/frames.ts';
export type { Position } from '../contract/position.ts';
export { createMarketcast, type Marketcast, type MarketcastOptions } from './marketcast.ts';
export type { RefreshResult } from './refresh.ts';
export type { Link, Listener, Snapshot } from './snapshot.ts';
export type { Fetch, SocketConstructor, SocketLike } from './transport.ts';
