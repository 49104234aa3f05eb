/** Whom a figure can come from: where its reason is looked for when it is missing. */

import type { SourceId } from '../../contract/index.ts';

/** The six market-wide figures; they always come together. */
export const MARKET_SOURCES: readonly SourceId[] = [
  'coingecko',
  'coinpaprika',
  'coinlore',
  'coinmarketcap',
];

/** The price of a coin. */
export const PRICE_SOURCES: readonly SourceId[] = ['binance', 'coinbase', 'kraken', 'coingecko'];

/** The daily candles that the RSI is computed from, and who computes one himself. */
export const RSI_SOURCES: readonly SourceId[] = ['binance', 'coinbase', 'kraken', 'taapi'];

/** The Fear & Greed index. */
export const FNG_SOURCES: readonly SourceId[] = ['alternative_me'];

/** The prices of the US funds. */
export const ETF_SOURCES: readonly SourceId[] = ['finnhub'];
