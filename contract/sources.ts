/** The sources a figure can come from, and the states a source can be in. */

/** Every source, in the order the page lists them. The value is the name people know it by. */
export const SOURCE_NAMES = {
  binance: 'Binance',
  coinbase: 'Coinbase',
  kraken: 'Kraken',
  coingecko: 'CoinGecko',
  coinpaprika: 'CoinPaprika',
  coinlore: 'CoinLore',
  coinmarketcap: 'CoinMarketCap',
  alternative_me: 'alternative.me',
  taapi: 'TAAPI',
  finnhub: 'Finnhub',
} as const;

/** Identifies a source in the document, in logs and in metrics. */
export type SourceId = keyof typeof SOURCE_NAMES;

/** All identifiers, in the order of the page. */
export const SOURCE_IDS = Object.keys(SOURCE_NAMES) as readonly SourceId[];

/** The exchanges, best first: their prices are streamed. */
export const EXCHANGES = ['binance', 'coinbase', 'kraken'] as const satisfies readonly SourceId[];

/** Why a call to an upstream failed. The closed set; an upstream's own text is never passed on. */
export const ERROR_CODES = [
  'timeout',
  'rate_limited',
  'blocked',
  'unavailable',
  'bad_response',
  'too_large',
] as const;

/** See {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * What a source is doing, from well to worst.
 * - `ok` answers
 * - `set_aside` answers, but its price deviates from the others'
 * - `rate_limited` asked us to wait
 * - `failing` its last call failed
 * - `blocked` refused us (401, 403, 451): retrying will not heal it
 * - `off` not configured or switched off
 */
export const SOURCE_STATES = [
  'ok',
  'set_aside',
  'rate_limited',
  'failing',
  'blocked',
  'off',
] as const;

/** See {@link SOURCE_STATES}. */
export type SourceState = (typeof SOURCE_STATES)[number];

/** The worse of two states; a source with a stream and a REST side shows this. */
export const worseState = (a: SourceState, b: SourceState): SourceState =>
  SOURCE_STATES.indexOf(a) >= SOURCE_STATES.indexOf(b) ? a : b;
