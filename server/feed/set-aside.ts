/** Which exchange is set aside because its price deviates from the others'. */

import { type SourceId, toWire } from '../../contract/index.ts';

/** A price that is further off, in per cent, deviates. */
export const MAX_DEVIATION_PERCENT = 1;
/** It has to deviate for so long without interruption to be set aside, and not to for so long to come back, ms. */
export const DEVIATION_PERIOD_MS = 10_000;
/** With fewer prices nobody can tell which of them is wrong. */
const MIN_TO_JUDGE = 3;
/** What is shown of a deviation moves no more often, ms: it changes with every price, and nobody reads it that fast. */
const SHOWN_INTERVAL_MS = 5000;

/** Judges the exchanges by their prices of one moment. */
export interface SetAside {
  /**
   * To be called whenever a price has come or gone, and when {@link SetAside.dueAtMs} is reached.
   * @param prices of the exchanges that stream a live one; who is missing is not judged
   * @param monotonicMs monotonic clock
   */
  judge(prices: ReadonlyMap<SourceId, number>, monotonicMs: number): void;
  isAside(source: SourceId): boolean;
  /** Per cent off, to be shown; `null` when it is not set aside, or not judged now. */
  deviation(source: SourceId): number | null;
  /** When somebody is set aside or comes back if nothing changes until then, monotonic ms; `null` when nobody is. */
  dueAtMs(): number | null;
}

interface Standing {
  isAside: boolean;
  /** Since when it has been the other way, monotonic ms. */
  contrarySinceMs: number | null;
  shown: { readonly percent: number; readonly atMs: number } | null;
}

/** @param exchanges in order of preference: of several that disagree while nobody else is left, the first comes back */
export function createSetAside(exchanges: readonly SourceId[]): SetAside {
  const standings = new Map<SourceId, Standing>(
    exchanges.map((id) => [id, { isAside: false, contrarySinceMs: null, shown: null }]),
  );
  const isAside = (source: SourceId) => standings.get(source)?.isAside ?? false;

  return {
    judge(prices, monotonicMs) {
      for (const [source, standing] of standings) {
        const price = prices.get(source);
        const trusted = [...prices].flatMap(([id, other]) =>
          id === source || isAside(id) ? [] : [other],
        );
        const isAlone = price !== undefined && trusted.length === 0;
        if (isAlone) Object.assign(standing, GOOD);
        // Of fewer than three there is one other at most.
        const reference =
          prices.size >= MIN_TO_JUDGE
            ? median([...prices.values()])
            : standing.isAside
              ? (trusted[0] ?? null)
              : null;
        judgeOne(standing, percentOff(price, reference), monotonicMs);
      }
    },
    isAside,
    deviation: (source) => standings.get(source)?.shown?.percent ?? null,
    dueAtMs() {
      const since = [...standings.values()].flatMap(({ contrarySinceMs }) => contrarySinceMs ?? []);
      return since.length === 0 ? null : Math.min(...since) + DEVIATION_PERIOD_MS;
    },
  };
}

const GOOD: Standing = { isAside: false, contrarySinceMs: null, shown: null };

/** @param percent `null` when it is not judged: then it stays what it is */
function judgeOne(standing: Standing, percent: number | null, nowMs: number): void {
  const isContrary =
    percent !== null && Math.abs(percent) > MAX_DEVIATION_PERCENT !== standing.isAside;
  standing.contrarySinceMs = isContrary ? (standing.contrarySinceMs ?? nowMs) : null;
  if (
    standing.contrarySinceMs !== null &&
    nowMs - standing.contrarySinceMs >= DEVIATION_PERIOD_MS
  ) {
    standing.isAside = !standing.isAside;
    standing.contrarySinceMs = null;
  }
  if (!standing.isAside || percent === null || !Number.isFinite(percent)) standing.shown = null;
  else if (standing.shown === null || nowMs - standing.shown.atMs >= SHOWN_INTERVAL_MS) {
    standing.shown = { percent: toWire(percent), atMs: nowMs };
  }
}

const percentOff = (price: number | undefined, reference: number | null): number | null =>
  price === undefined || reference === null ? null : ((price - reference) / reference) * 100;

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return lower === undefined || upper === undefined ? null : lower + (upper - lower) / 2;
}
