/** The provider's names for the values of its index. */

/**
 * Upper end of each band. Found in 3 044 days the provider published, without exception; the tables with cuts at
 * 20/40/60/80 or 25/45/55/75 that circulate elsewhere do not match it.
 */
const BANDS = [
  [25, 'Extreme Fear'],
  [46, 'Fear'],
  [54, 'Neutral'],
  [75, 'Greed'],
] as const;

const LAST_BAND = 'Extreme Greed';

/**
 * The label that was sent, even where the band says otherwise; the band's when none of the five was sent.
 * @param value whole number 0 … 100
 */
export function labelOf(value: number, sent: unknown): string {
  const labels: readonly unknown[] = [...BANDS.map(([, label]) => label), LAST_BAND];
  if (typeof sent === 'string' && labels.includes(sent)) return sent;
  return BANDS.find(([end]) => value <= end)?.[1] ?? LAST_BAND;
}
