/** How long to wait before asking a Redis again that did not answer. */

/** After the first failure, ms; doubled with each further one. */
const BASE_MS = 250;
/** Longest wait, ms: figures are to move soon after Redis is back. */
const CAP_MS = 10_000;
/** Doublings until the cap is passed. */
const MAX_DOUBLINGS = 6;

/**
 * Exponential with jitter over its upper half.
 * @param failures in a row, at least 1
 * @param random in [0, 1)
 */
export const retryDelayMs = (failures: number, random: () => number): number =>
  Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, MAX_DOUBLINGS)) * (0.5 + random() / 2);
