/** A coin, or a US fund, as the page draws it. */

import { type Coin, coinName, SOURCE_IDS, type SourceId } from '../../contract/index.ts';
import { type Figure, type Judgement, type Standing, standingOf } from './standing.ts';

/** What is known of a coin. US dollars and per cent. */
export type CoinValues = Pick<
  Coin,
  'name' | 'price_usd' | 'change_24h' | 'high_24h' | 'low_24h' | 'volume_24h_usd'
>;

/** A coin under its symbol. */
export interface CoinFigure extends Figure<CoinValues> {
  readonly symbol: string;
}

/** The coins that are live, as one line says it of all of them. */
export interface LiveCoins {
  /** Who supplies them, in the order of the page. */
  readonly sources: readonly SourceId[];
  /** The oldest of their times, ms since 1970: nothing is called newer than it is. */
  readonly asOfMs: number | null;
}

const NEVER_READ: Standing = { source: null, asOfMs: null, state: 'unavailable' };

const unknownCoin = (symbol: string): CoinValues => ({
  name: coinName(symbol),
  price_usd: null,
  change_24h: null,
  high_24h: null,
  low_24h: null,
  volume_24h_usd: null,
});

/** @param coins by symbol; one that is not among them is unavailable */
export function coinFigure(
  coins: Readonly<Record<string, Coin>> | null,
  symbol: string,
  judgement: Judgement,
): CoinFigure {
  const coin = coins !== null && Object.hasOwn(coins, symbol) ? coins[symbol] : undefined;
  if (!coin) return { symbol, value: unknownCoin(symbol), ...NEVER_READ };
  const { name, price_usd, change_24h, high_24h, low_24h, volume_24h_usd } = coin;
  return {
    symbol,
    value: { name, price_usd, change_24h, high_24h, low_24h, volume_24h_usd },
    ...standingOf(coin, judgement),
  };
}

/** See {@link LiveCoins}. */
export function liveCoins(coins: readonly Coin[], judgement: Judgement): LiveCoins {
  const standings = coins
    .map((coin) => standingOf(coin, judgement))
    .filter(({ state }) => state === 'live');
  const times = standings.flatMap(({ asOfMs }) => asOfMs ?? []);
  return {
    sources: SOURCE_IDS.filter((id) => standings.some(({ source }) => source === id)),
    asOfMs: times.length === 0 ? null : Math.min(...times),
  };
}
