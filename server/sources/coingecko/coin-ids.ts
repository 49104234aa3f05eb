/** What CoinGecko calls the coins. */

/** CoinGecko's own identifiers by symbol: its symbols are not unique, these are. */
const COIN_IDS: Readonly<Record<string, string>> = {
  BTC: 'bitcoin',
  ETH: 'ethereum',
  SOL: 'solana',
  XRP: 'ripple',
  ADA: 'cardano',
  LINK: 'chainlink',
  BNB: 'binancecoin',
  DOGE: 'dogecoin',
  DOT: 'polkadot',
  AVAX: 'avalanche-2',
  LTC: 'litecoin',
  TRX: 'tron',
  TON: 'the-open-network',
  BCH: 'bitcoin-cash',
  XLM: 'stellar',
};

/** Symbol and identifier of every coin that can be asked for. */
export const KNOWN_COINS: readonly (readonly [symbol: string, id: string])[] =
  Object.entries(COIN_IDS);

/** The identifiers of the symbols whose identifier is known, in their order. */
export const idsOf = (symbols: readonly string[]): readonly string[] =>
  symbols.flatMap((symbol) => (Object.hasOwn(COIN_IDS, symbol) ? (COIN_IDS[symbol] ?? []) : []));
