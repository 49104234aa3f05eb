/** Variables of a server that asks nobody: it says nothing by itself, and logs no failure. */

/** All upstreams that need no key, switched off. */
export const NO_UPSTREAMS: Readonly<Record<string, string>> = {
  COINGECKO_BASE_URL: 'off',
  ALTERNATIVE_ME_BASE_URL: 'off',
  TAAPI_BASE_URL: 'off',
  BINANCE_BASE_URL: 'off',
  BINANCE_WS_URL: 'off',
  COINBASE_BASE_URL: 'off',
  COINBASE_WS_URL: 'off',
  KRAKEN_BASE_URL: 'off',
  KRAKEN_WS_URL: 'off',
  COINPAPRIKA_BASE_URL: 'off',
  COINLORE_BASE_URL: 'off',
};
