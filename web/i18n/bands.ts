/** What a Fear & Greed value and an RSI are called. */

import type { Key } from './en.ts';
import type { Translate } from './translator.ts';

/** The provider's five bands, from fear to greed. */
export const FNG_BANDS = ['extreme_fear', 'fear', 'neutral', 'greed', 'extreme_greed'] as const;

/** See {@link FNG_BANDS}. */
export type FngBand = (typeof FNG_BANDS)[number];

/** Where the RSI stands. */
export type RsiBand = 'oversold' | 'neutral' | 'overbought';

/** Highest value of each Fear & Greed band but the last; alternative.me's own bounds. */
export const FNG_BOUNDS = [25, 46, 54, 75] as const;

/** Below the first an RSI is oversold, above the second overbought (Wilder's levels). */
export const RSI_BOUNDS = [30, 70] as const;

/** @param value whole number 0 … 100 */
export function fngBand(value: number): FngBand {
  const index = FNG_BOUNDS.findIndex((highest) => value <= highest);
  return FNG_BANDS[index] ?? 'extreme_greed';
}

/** @param value 0 … 100; exactly 30 and exactly 70 are neutral */
export function rsiBand(value: number): RsiBand {
  if (value < RSI_BOUNDS[0]) return 'oversold';
  return value > RSI_BOUNDS[1] ? 'overbought' : 'neutral';
}

/**
 * The name of a Fear & Greed value: the provider's label, translated. A label that is not one of the five takes the
 * band of its value.
 * @param sentLabel as the provider sent it, e.g. `Extreme Fear`
 */
export function fngLabel(t: Translate, value: number, sentLabel: string | null): string {
  const sent = sentLabel?.trim().toLowerCase().replace(/\s+/g, '_');
  const band = FNG_BANDS.find((known) => known === sent) ?? fngBand(value);
  return t(`fng.${band}` satisfies Key);
}

/** The name of an RSI's band. */
export const rsiLabel = (t: Translate, value: number): string =>
  t(`rsi.${rsiBand(value)}` satisfies Key);
