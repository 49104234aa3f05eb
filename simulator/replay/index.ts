/** Every route that can be replayed, in the order they are printed. One file each, one line here. */

import { coinbaseCandlesRoute } from './coinbase-candles.ts';
import { coinloreGlobalRoute } from './coinlore-global.ts';
import { coinmarketcapGlobalRoute } from './coinmarketcap-global.ts';
import { coinpaprikaGlobalRoute } from './coinpaprika-global.ts';
import { finnhubQuoteRoutes } from './finnhub-quote.ts';
import { fngRoute } from './fng.ts';
import { globalRoute } from './global.ts';
import { klinesRoute } from './klines.ts';
import { krakenCandlesRoute } from './kraken-candles.ts';
import type { RecordedRoute } from './recording.ts';
import { rsiRoute } from './rsi.ts';
import { simplePriceRoute } from './simple-price.ts';

export const RECORDED_ROUTES: readonly RecordedRoute[] = [
  globalRoute,
  coinpaprikaGlobalRoute,
  coinloreGlobalRoute,
  coinmarketcapGlobalRoute,
  simplePriceRoute,
  fngRoute,
  rsiRoute,
  klinesRoute,
  coinbaseCandlesRoute,
  krakenCandlesRoute,
  ...finnhubQuoteRoutes,
];

/** What a route is called in what is printed. */
export const nameOf = ({ name, path }: RecordedRoute): string => name ?? path;
