/** The coins the dashboard knows by name. */

/** Symbols shown when `COINS` is not set, in the order of the page. */
export const DEFAULT_COINS = ['BTC', 'ETH', 'SOL', 'XRP', 'ADA', 'LINK', 'BNB'] as const;

/** The coin that is always there: the hero of the page and the base of the RSI. */
export const BASE_COIN = 'BTC';

/** Full names by symbol. A symbol that is not here is shown as itself. */
export const COIN_NAMES: Readonly<Record<string, string>> = {
  BTC: 'Bitcoin',
  ETH: 'Ethereum',
  SOL: 'Solana',
  XRP: 'XRP',
  ADA: 'Cardano',
  LINK: 'Chainlink',
  BNB: 'BNB',
  DOGE: 'Dogecoin',
  DOT: 'Polkadot',
  AVAX: 'Avalanche',
  LTC: 'Litecoin',
  TRX: 'TRON',
  TON: 'Toncoin',
  BCH: 'Bitcoin Cash',
  XLM: 'Stellar',
};

/** The name of a coin; its symbol when the name is not known. */
export const coinName = (symbol: string): string =>
  Object.hasOwn(COIN_NAMES, symbol) ? (COIN_NAMES[symbol] ?? symbol) : symbol;

/** The US funds shown with a Finnhub key, in the order of the page, and the index each stands in for. */
export const US_ETFS = { SPY: 'S&P 500', DIA: 'Dow Jones', QQQ: 'Nasdaq 100' } as const;

/** What a fund stands in for; its symbol when that is not known. */
export const etfName = (symbol: string): string =>
  Object.entries(US_ETFS).find(([known]) => known === symbol)?.[1] ?? symbol;

/** Symbols of {@link US_ETFS}. */
export const US_ETF_SYMBOLS = Object.keys(US_ETFS) as readonly (keyof typeof US_ETFS)[];
