/** The market-wide figures of a walk: what follows from its price and its volume. */

import { priceDayAgo } from './candles.ts';
import type { SimulatedFigures } from './market.ts';
import { rsi } from './rsi.ts';
import { START, type Walk } from './walk.ts';

/** How much more than BTC the other coins move. */
const OTHERS_BETA = 1.33;
/** The volume 24 hours ago. It has no memory: the volume only wavers about its start. */
const VOLUME_DAY_AGO = START.volume / (1 - 0.032);
/** BTC's part of the volume. */
const BTC_VOLUME_SHARE = 0.31;
const BTC_CAP = (START.marketCap * START.btcDominancePct) / 100;
const OTHERS_CAP = START.marketCap - BTC_CAP;
const ETH_SHARE_OF_OTHERS = START.ethDominancePct / (100 - START.btcDominancePct);

const btcCap = (price: number) => (BTC_CAP * price) / START.price;
const othersCap = (price: number) => OTHERS_CAP * (price / START.price) ** OTHERS_BETA;
const percentChange = (now: number, before: number) => (now / before - 1) * 100;

/** All figures but Fear & Greed, as told at `nowMs`. */
export function figuresOf(walk: Walk, nowMs: number): Omit<SimulatedFigures, 'fng_value'> {
  const price = walk.price();
  const volume = walk.volume();
  const dayAgo = priceDayAgo(walk.yesterday(), nowMs);
  const cap = btcCap(price) + othersCap(price);
  const rsi14 = rsi(walk.candles().map((candle) => candle.close)) ?? START.rsi;
  return {
    btc_price_usd: price,
    btc_change_24h: percentChange(price, dayAgo),
    market_cap: cap,
    market_cap_change_24h: percentChange(cap, btcCap(dayAgo) + othersCap(dayAgo)),
    volume_24h: volume,
    volume_change_24h: percentChange(volume, VOLUME_DAY_AGO),
    btc_dominance: (btcCap(price) / cap) * 100,
    eth_dominance: ((othersCap(price) * ETH_SHARE_OF_OTHERS) / cap) * 100,
    rsi_14: rsi14,
    rsi_14_taapi: rsi14,
    btc_market_cap: btcCap(price),
    btc_volume_24h: volume * BTC_VOLUME_SHARE,
  };
}
