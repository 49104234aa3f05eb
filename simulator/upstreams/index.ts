/** Every simulated upstream. One file each, one line here. */

import { alternativeMe } from './alternative-me.ts';
import { binance } from './binance.ts';
import { coinbase } from './coinbase.ts';
import { coingecko } from './coingecko.ts';
import { coinlore } from './coinlore.ts';
import { coinmarketcap } from './coinmarketcap.ts';
import { coinpaprika } from './coinpaprika.ts';
import { finnhub } from './finnhub.ts';
import { kraken } from './kraken.ts';
import { taapi } from './taapi.ts';
import type { Route, SimulatedUpstream } from './upstream.ts';

export const UPSTREAMS: readonly SimulatedUpstream[] = [
  coingecko,
  alternativeMe,
  taapi,
  binance,
  coinbase,
  kraken,
  coinpaprika,
  coinlore,
  coinmarketcap,
  finnhub,
];

/** A route, and whose it is. */
export interface OwnedRoute {
  readonly upstream: SimulatedUpstream;
  readonly route: Route;
}

/** All routes by path. The paths of different upstreams do not meet, so one origin serves them all. */
export const ROUTES: ReadonlyMap<string, OwnedRoute> = new Map(
  UPSTREAMS.flatMap((upstream) =>
    upstream.routes.map((route): [string, OwnedRoute] => [route.path, { upstream, route }]),
  ),
);
