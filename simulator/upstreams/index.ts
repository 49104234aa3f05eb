/** Every simulated upstream. One file each, one line here. */

import { alternativeMe } from './alternative-me.ts';
import { binance } from './binance.ts';
import { coingecko } from './coingecko.ts';
import { taapi } from './taapi.ts';
import type { Route, SimulatedUpstream } from './upstream.ts';

export const UPSTREAMS: readonly SimulatedUpstream[] = [coingecko, alternativeMe, taapi, binance];

/** All routes by path. The paths of different upstreams do not meet, so one origin serves them all. */
export const ROUTES: ReadonlyMap<string, Route> = new Map(
  UPSTREAMS.flatMap(({ routes }) => routes.map((route) => [route.path, route])),
);
