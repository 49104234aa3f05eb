/** Which exchange is set aside because its price deviates from the others'. */

import { type SourceId, toWire } from '../../contract/index.ts';

/** A price that is further off, in per cent, deviates. */
export const MAX_DEVIATION_PERCENT = 1;
/** It has to deviate for so long without interruption to be set aside, and not to for so long to come back, ms. */
export const DEVIATION_PERIOD_MS = 10_000;
/** With fewer prices nobody can tell which of them is wrong. */
const MIN_TO_JUDGE = 3;
/**
 * When it has streamed for so long without anybody to compare it with it is let in, ms: other connections are back within seconds and polled
 * prices are asked for every few minutes, so that it is likely to be all that will come for a while.
 */
export const ALONE_PERIOD_MS = 600_000;
/** What is shown of a deviation moves no more often, ms: it changes with every price, and nobody reads it that fast. */
const SHOWN_INTERVAL_MS = 5000;

/** Judges the exchanges by their prices of one moment. */
export interface SetAside {
  /**
   * To be called whenever a price has come or gone, and when {@link SetAside.dueAtMs} is reached.
   * @param prices of the exchanges that stream a live one; who is missing is not judged
   * @param polledPrice a live one of another source: who is aside is compared with it where no good exchange is left;
   *   `null` when there is none
   * @param monotonicMs monotonic clock
   */
  judge(
    prices: ReadonlyMap<SourceId, number>,
    polledPrice: number | null,
    monotonicMs: number,
  ): void;
  isAside(source: SourceId): boolean;
  /** Per cent off, to be shown; `null` when it is not set aside, or not judged now. */
  deviation(source: SourceId): number | null;
  /** When somebody is set aside or comes back if nothing changes until then, monotonic ms; `null` when nobody is. */
  dueAtMs(): number | null;
}

interface Standing {
  /** It was found to, and has not agreed with anybody since for long enough. */
  deviates: boolean;
  /** Since when it has been the other way, monotonic ms. */
  contrarySinceMs: number | null;
  /** For how long it has streamed since there was last somebody to compare it with, as of `aloneAtMs`, ms. */
  aloneMs: number;
  /** When that was counted last, monotonic ms; `null` while it is not alone, or streams nothing itself. */
  aloneAtMs: number | null;
  /** It is shown though it deviates, for as long as it stays alone. */
  isLetIn: boolean;
  shown: { readonly percent: number; readonly atMs: number } | null;
}

/**
 * @param exchanges in order of preference: of several that disagree while nobody else is left, the first is let in
 * @param asideBefore those of them that were set aside when this began: they come back by the same rules
 */
export function createSetAside(
  exchanges: readonly SourceId[],
  asideBefore: readonly SourceId[],
): SetAside {
  const standings = new Map<SourceId, Standing>(
    exchanges.map((id) => [id, { ...GOOD, deviates: asideBefore.includes(id) }]),
  );
  const isAside = (source: SourceId) => {
    const { deviates, isLetIn } = standings.get(source) ?? GOOD;
    return deviates && !isLetIn;
  };

  return {
    judge(prices, polledPrice, monotonicMs) {
      for (const [source, standing] of standings) {
        const price = prices.get(source);
        const others = [...prices].filter(([id]) => id !== source && !isAside(id));
        // Of fewer than three there is one other at most.
        const reference =
          prices.size >= MIN_TO_JUDGE
            ? median([...prices.values()])
            : standing.deviates
              ? (others[0]?.[1] ?? polledPrice)
              : null;
        const percent = percentOff(price, reference);
        turn(standing, percent, monotonicMs);
        if (reference === null) countAlone(standing, price !== undefined, monotonicMs);
        else endAlone(standing);
        show(standing, isAside(source) ? percent : null, monotonicMs);
      }
    },
    isAside,
    deviation: (source) => standings.get(source)?.shown?.percent ?? null,
    dueAtMs() {
      const due = [...standings.values()].flatMap(dueTimes);
      return due.length === 0 ? null : Math.min(...due);
    },
  };
}

const GOOD: Readonly<Standing> = {
  deviates: false,
  contrarySinceMs: null,
  aloneMs: 0,
  aloneAtMs: null,
  isLetIn: false,
  shown: null,
};

/** @param percent `null` when it is not judged: then it stays what it is */
function turn(standing: Standing, percent: number | null, nowMs: number): void {
  const isContrary =
    percent !== null && Math.abs(percent) > MAX_DEVIATION_PERCENT !== standing.deviates;
  standing.contrarySinceMs = isContrary ? (standing.contrarySinceMs ?? nowMs) : null;
  if (!hasLasted(standing.contrarySinceMs, DEVIATION_PERIOD_MS, nowMs)) return;
  standing.deviates = !standing.deviates;
  standing.contrarySinceMs = null;
}

/**
 * A stream that drops for a moment every few minutes would never have been there for all of the time at once. What it is
 * not there does not count: when all were cut off, the first to be back is not the only one for long.
 */
function countAlone(standing: Standing, isThere: boolean, nowMs: number): void {
  if (!standing.deviates) return;
  standing.aloneMs += nowMs - (standing.aloneAtMs ?? nowMs);
  standing.aloneAtMs = isThere ? nowMs : null;
  standing.isLetIn = standing.aloneMs >= ALONE_PERIOD_MS;
}

/** It has not become right by being let in: with the first word of somebody to compare it with it is aside again. */
function endAlone(standing: Standing): void {
  standing.aloneMs = 0;
  standing.aloneAtMs = null;
  standing.isLetIn = false;
}

/** @param percent `null` when there is nothing to be shown */
function show(standing: Standing, percent: number | null, nowMs: number): void {
  if (percent === null || !Number.isFinite(percent)) standing.shown = null;
  else if (standing.shown === null || nowMs - standing.shown.atMs >= SHOWN_INTERVAL_MS) {
    standing.shown = { percent: toWire(percent), atMs: nowMs };
  }
}

const hasLasted = (sinceMs: number | null, periodMs: number, nowMs: number): boolean =>
  sinceMs !== null && nowMs - sinceMs >= periodMs;

const dueTimes = ({ contrarySinceMs, aloneMs, aloneAtMs, isLetIn }: Standing): number[] => [
  ...(contrarySinceMs === null ? [] : [contrarySinceMs + DEVIATION_PERIOD_MS]),
  ...(aloneAtMs === null || isLetIn ? [] : [aloneAtMs + ALONE_PERIOD_MS - aloneMs]),
];

const percentOff = (price: number | undefined, reference: number | null): number | null =>
  price === undefined || reference === null ? null : ((price - reference) / reference) * 100;

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return lower === undefined || upper === undefined ? null : lower + (upper - lower) / 2;
}
