/** The sources in use: one line each. */

import { alternativeMe } from './alternative-me/alternative-me.ts';
import { binance } from './binance/binance.ts';
import { coinbase } from './coinbase/coinbase.ts';
import { coingecko } from './coingecko/coingecko.ts';
import { coinlore } from './coinlore/coinlore.ts';
import { coinmarketcap } from './coinmarketcap/coinmarketcap.ts';
import { coinpaprika } from './coinpaprika/coinpaprika.ts';
import { finnhub } from './finnhub/finnhub.ts';
import { kraken } from './kraken/kraken.ts';
import type { Source } from './source.ts';
import { taapi } from './taapi/taapi.ts';

/** Every source this server can ask. Which of them it does ask is the configuration's to say. */
export const SOURCES: readonly Source[] = [
  binance,
  coinbase,
  kraken,
  coingecko,
  coinpaprika,
  coinlore,
  coinmarketcap,
  alternativeMe,
  taapi,
  finnhub,
];
