/** For tests of rounds: a server that streams nothing and has one source for each figure, all within their limits. */

/** Beside what points the server at the simulator. */
export const POLLED_ONLY: Readonly<Record<string, string>> = {
  BINANCE_WS_URL: 'off',
  COINBASE_BASE_URL: 'off',
  COINBASE_WS_URL: 'off',
  KRAKEN_BASE_URL: 'off',
  KRAKEN_WS_URL: 'off',
  COINPAPRIKA_BASE_URL: 'off',
  COINLORE_BASE_URL: 'off',
  // Rounds of a second are more than CoinGecko allows without a key.
  COINGECKO_API_KEY: 'simulated',
  COINGECKO_PLAN: 'pro',
};
