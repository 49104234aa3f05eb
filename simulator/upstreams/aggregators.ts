/** What an aggregator beside CoinGecko counts: other coins and other exchanges, so its totals are others. */

import type { SimulatedFigures } from '../market.ts';

/** An aggregator's totals, as parts of CoinGecko's. */
export interface Counting {
  readonly cap: number;
  readonly volume: number;
}

/** One table, so that nobody's totals agree by chance. */
export const COUNTINGS = {
  coinpaprika: { cap: 0.982, volume: 0.91 },
  coinlore: { cap: 0.974, volume: 1.12 },
  coinmarketcap: { cap: 0.993, volume: 1.04 },
} as const satisfies Record<string, Counting>;

/** The market as an aggregator sees it. US dollars and per cent. */
export interface MarketWide {
  readonly cap: number;
  readonly volume: number;
  readonly capChange: number;
  readonly volumeChange: number;
  readonly btcDominance: number;
  readonly ethDominance: number;
}

/** The market-wide figures, counted so. A smaller cap is of fewer small coins, which makes the dominances larger. */
export const countedBy = (figures: SimulatedFigures, { cap, volume }: Counting): MarketWide => ({
  cap: figures.market_cap * cap,
  volume: figures.volume_24h * volume,
  capChange: figures.market_cap_change_24h,
  volumeChange: figures.volume_change_24h,
  btcDominance: Math.min(100, figures.btc_dominance / cap),
  ethDominance: Math.min(100, figures.eth_dominance / cap),
});

/** To two decimals, as these upstreams tell per cents. */
export const twoDecimals = (percent: number): number => Math.round(percent * 100) / 100;
