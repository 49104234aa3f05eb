/** Rows that belong together: after a kill all of a batch are there, or none. */

import type { CandleRow, SampleRow } from './history-rows.ts';
import { candle, sample } from './test-rows.ts';

/** Of all documents, and the moment of the clock. */
export const EPOCH = 1_795_000_000_000;

/** A batch goes into the place of the one so many before it. */
export const BATCHES = 4;
export const ROWS_PER_BATCH = 60;

/** So long that every version is a moment within it. */
export const INTERVAL_S = 1_000_000_000;
/** Of rows that are deleted again. */
export const CHURN_INTERVAL_S = 60;

const indices = Array.from({ length: ROWS_PER_BATCH }, (_, index) => index);
const placed = (version: number, index: number) => {
  const time = index * INTERVAL_S;
  return { intervalS: INTERVAL_S, time, asOfS: time + version };
};

/** The name of the batch's samples, and the beginning of its candles' source. */
export const seriesOf = (version: number): string => `coin:${version % BATCHES}`;

/** Every value of it is its version. */
export const batch = (version: number): { samples: SampleRow[]; candles: CandleRow[] } => ({
  samples: indices.map((index) =>
    sample(0, { ...placed(version, index), series: seriesOf(version), value: version }),
  ),
  candles: indices.map((index) => candle(0, { ...placed(version, index), volume: version })),
});

/** Rows of a time of their own, which is deleted as a whole. */
export const churn = (version: number): SampleRow[] =>
  indices.map((index) => {
    const time = version * CHURN_INTERVAL_S;
    return sample(0, { series: `churn:${index}`, time, value: version, asOfS: time });
  });
