/** How far the exchanges' prices of BTC are apart. */

import { type BtcSpread, isAccepted, type SourceId, toWire } from '../../contract/index.ts';

/**
 * @param prices US dollars, of every exchange that is in use; `null` for one that is not live or set aside
 * @returns `null` with fewer than two prices, or when the figure cannot be shown
 */
export function spreadOf(prices: ReadonlyMap<SourceId, number | null>): BtcSpread | null {
  const live = [...prices.values()].flatMap((price) => price ?? []);
  if (live.length < 2) return null;
  const lowest = Math.min(...live);
  const percent = ((Math.max(...live) - lowest) / lowest) * 100;
  if (!isAccepted('percent', percent)) return null;
  return { percent: toWire(percent), prices: Object.fromEntries(prices) };
}
