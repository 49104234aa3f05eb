/** How many calls of a day's and a month's quota may be made by now, so that it lasts to its end. Pure; days and months are UTC's. */

import type { CallCount } from './ledger.ts';
import type { Limits } from './schedule.ts';

/** What is counted over days. */
export type Quota = Pick<Limits, 'perDay' | 'perMonth'>;

/** This part of a day's calls may be made at its beginning: refreshes and stand-ins come in bunches. */
const BURST_SHARE = 0.1;
/** At least so many, where the day has them: a first round and a few refreshes. */
const MIN_BURST = 5;
/** A day's part is no more than so many days of a steady month: a wrong clock must not spend all that is left in one. */
const MAX_STEADY_DAYS = 3;
/** Steady rounds must fit the longest month. */
const MAX_MONTH_DAYS = 31;

const DAY_MS = 86_400_000;
/** More than sums of fractions are off, less than falls due in a millisecond. */
const ROUNDING = 1e-9;

/**
 * How many calls may be made now, whole; `Infinity` without a quota. A month's calls are spread evenly over the days that
 * are left of it, and a day's over the day, after a burst: what was spent early is missing later, and what was not is there.
 * @param nowMs wall clock, ms since 1970
 */
export function callsLeft(quota: Quota, count: CallCount, nowMs: number): number {
  const { plan, burst, dayMs } = planOf(quota, count, nowMs);
  if (plan === Number.POSITIVE_INFINITY) return plan;
  const due = burst + (plan - burst) * ((nowMs - dayMs) / DAY_MS);
  return Math.max(0, Math.floor(due - count.today + ROUNDING));
}

/** When the next call may be made, ms since 1970: `nowMs` itself, or later. */
export function callsFromMs(quota: Quota, count: CallCount, nowMs: number): number {
  if (callsLeft(quota, count, nowMs) > 0) return nowMs;
  const { plan, burst, dayMs, monthEndMs } = planOf(quota, count, nowMs);
  const needed = count.today + 1;
  if (needed <= plan) return dayMs + Math.ceil(((needed - burst) / (plan - burst)) * DAY_MS);
  const tomorrowMs = dayMs + DAY_MS;
  if (quota.perMonth === undefined) return tomorrowMs;
  // The first day on which what is left comes to one call a day.
  const left = Math.max(0, Math.floor(quota.perMonth - count.thisMonth));
  return Math.max(tomorrowMs, monthEndMs - left * DAY_MS);
}

/** How far apart rounds of `calls` calls can be for good within an upstream's limits, seconds; 0 without any. */
export function steadyIntervalS(limits: Limits, calls: number): number {
  const { minCallIntervalMs = 0, perMinute, perDay, perMonth } = limits;
  const perDayAtMost = Math.min(perDay ?? Infinity, (perMonth ?? Infinity) / MAX_MONTH_DAYS);
  return Math.max(
    minCallIntervalMs / 1000,
    (60 * calls) / (perMinute ?? Infinity),
    DAY_MS / 1000 / (perDayAtMost / calls),
  );
}

/** The day of `nowMs` and how many calls are meant for it. */
function planOf({ perDay, perMonth }: Quota, { today, thisMonth }: CallCount, nowMs: number) {
  const dayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const day = new Date(dayMs);
  const monthEndMs = Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1);
  const daysLeft = (monthEndMs - dayMs) / DAY_MS;
  const leftThisMorning = (perMonth ?? Infinity) - (thisMonth - today);
  const steady = (perMonth ?? Infinity) / MAX_MONTH_DAYS;
  const plan = Math.max(
    0,
    Math.min(perDay ?? Infinity, leftThisMorning / daysLeft, MAX_STEADY_DAYS * steady),
  );
  return {
    dayMs,
    monthEndMs,
    plan,
    burst: Math.min(plan, Math.max(MIN_BURST, BURST_SHARE * plan)),
  };
}
