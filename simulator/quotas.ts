/** Quotas: how often each upstream lets itself be called before it refuses, counted in the given clock. */

import * as v from 'valibot';
import type { SourceId } from '../contract/index.ts';
import type { ByUpstream } from './upstream-states.ts';

/** Spans that slide: no more than so many calls in any of this length, ms. */
const SLIDING_MS = { per15s: 15_000, perMinute: 60_000 } as const;
/** Spans of the calendar, in UTC, as text that names the span. */
const CALENDAR = {
  perDay: (nowMs: number) => new Date(nowMs).toISOString().slice(0, 'YYYY-MM-DD'.length),
  perMonth: (nowMs: number) => new Date(nowMs).toISOString().slice(0, 'YYYY-MM'.length),
} as const;

/** The spans of time in which calls are counted. */
export const SPANS = ['per15s', 'perMinute', 'perDay', 'perMonth'] as const;

/** See {@link SPANS}. */
export type Span = (typeof SPANS)[number];

/** Far above any limit that an upstream has in so short a time; each call is remembered by its moment. */
const MAX_SLIDING = 10_000;
/** Above every limit of a month. */
const MAX_CALENDAR = 10_000_000;

const limit = (most: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most)));

/** An upstream's limits. */
export const QuotaSchema = v.strictObject({
  per15s: limit(MAX_SLIDING),
  perMinute: limit(MAX_SLIDING),
  perDay: limit(MAX_CALENDAR),
  perMonth: limit(MAX_CALENDAR),
  /** Refuses with status 200, where the upstream is known to (TAAPI). */
  refusesWith200: v.optional(v.boolean()),
});

/** See {@link QuotaSchema}. */
export type Quota = v.InferOutput<typeof QuotaSchema>;

/** A limit that a call has met. */
export interface ReachedLimit {
  readonly span: Span;
  readonly limit: number;
  /** When there is room again, ms since 1970; `null` for a day or a month, whose end no upstream tells. */
  readonly resetMs: number | null;
  readonly refusesWith200: boolean;
}

/** What is set, and what it led to. */
export interface QuotasView {
  readonly limits: Readonly<Record<string, Quota>>;
  /** Calls that were refused, since the limits of the upstream were set. */
  readonly refused: Readonly<Record<string, number>>;
}

/** The quotas of a process. */
export interface Quotas {
  /** `null` lifts an upstream's limits. What was counted is forgotten. */
  set(changes: ByUpstream<Quota | null>): void;
  /**
   * Counts a call that has just come in; one that is refused is not counted.
   * @param cost what the call counts for
   * @returns `null`: let it pass
   */
  take(id: SourceId, nowMs: number, cost: number): ReachedLimit | null;
  view(): QuotasView;
}

export function createQuotas(): Quotas {
  const meters = new Map<string, Meter>();
  return {
    set(changes) {
      for (const [id, quota] of Object.entries(changes)) {
        if (quota) meters.set(id, createMeter(quota));
        else if (quota === null) meters.delete(id);
      }
    },
    take: (id, nowMs, cost) => meters.get(id)?.take(nowMs, cost) ?? null,
    view: () => ({
      limits: Object.fromEntries([...meters].map(([id, { quota }]) => [id, quota])),
      refused: Object.fromEntries([...meters].map(([id, meter]) => [id, meter.refused()])),
    }),
  };
}

interface Meter {
  readonly quota: Quota;
  take(nowMs: number, cost: number): ReachedLimit | null;
  refused(): number;
}

function createMeter(quota: Quota): Meter {
  const counters = SPANS.flatMap((span) => {
    const most = quota[span];
    return most === undefined ? [] : [{ span, most, counter: counterOf(span, most) }];
  });
  let refused = 0;
  return {
    quota,
    refused: () => refused,
    take(nowMs, cost) {
      const full = counters.find(({ counter }) => !counter.hasRoom(nowMs, cost));
      if (!full) {
        for (const { counter } of counters) counter.add(nowMs, cost);
        return null;
      }
      refused += 1;
      return {
        span: full.span,
        limit: full.most,
        resetMs: full.counter.resetMs(nowMs),
        refusesWith200: quota.refusesWith200 ?? false,
      };
    },
  };
}

/** Counts calls in one span. */
interface Counter {
  hasRoom(nowMs: number, cost: number): boolean;
  add(nowMs: number, cost: number): void;
  resetMs(nowMs: number): number | null;
}

const counterOf = (span: Span, most: number): Counter =>
  span === 'per15s' || span === 'perMinute'
    ? slidingCounter(SLIDING_MS[span], most)
    : calendarCounter(CALENDAR[span], most);

/** Remembers the moment of each call, `most` of them at the most. */
function slidingCounter(lengthMs: number, most: number): Counter {
  let moments: number[] = [];
  const recent = (nowMs: number) => {
    // A clock that was set back would keep the calls of its future for ever.
    moments = moments.filter((ms) => ms > nowMs - lengthMs && ms <= nowMs);
    return moments;
  };
  return {
    hasRoom: (nowMs, cost) => recent(nowMs).length + cost <= most,
    add(nowMs, cost) {
      moments.push(...Array<number>(cost).fill(nowMs));
    },
    resetMs: (nowMs) => (recent(nowMs)[0] ?? nowMs) + lengthMs,
  };
}

function calendarCounter(spanOf: (nowMs: number) => string, most: number): Counter {
  let span = '';
  let used = 0;
  const usedIn = (nowMs: number) => {
    if (spanOf(nowMs) !== span) {
      span = spanOf(nowMs);
      used = 0;
    }
    return used;
  };
  return {
    hasRoom: (nowMs, cost) => usedIn(nowMs) + cost <= most,
    add(_nowMs, cost) {
      used += cost;
    },
    resetMs: () => null,
  };
}
