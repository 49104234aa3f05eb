/** The pace of a market: a step for every second that has passed, made up for when somebody asks. */

import type { Clock } from '../contract/index.ts';
import { startOfDay } from './candles.ts';
import { STEP_MS } from './walk.ts';

/** What moves with time. */
export interface Moved {
  step(nowMs: number): void;
  turnDays(nowMs: number): void;
}

/** See {@link createPace}. */
export interface Pace {
  catchUp(): void;
  /** The moment the changes over 24 hours are told for, ms since 1970. */
  figuresMs(): number;
  /** One step at once, also while frozen. */
  step(): void;
  freeze(isFrozen: boolean): void;
  isFrozen(): boolean;
}

/** Steps made up for when nobody has asked for a while (an hour); what lies further back is skipped. */
const MAX_STEPS = 3600;

/** Brings `moved` up to the clock. */
export function createPace(clock: Clock, moved: Moved): Pace {
  let frozen = false;
  let lastStepMs = clock.now();
  /** It stands while the market does, until the day turns. */
  let figuresMs = clock.now();
  const catchUp = () => {
    const nowMs = clock.now();
    // Neither a long silence nor a wall clock that was set back stops the walk.
    lastStepMs = Math.min(nowMs, Math.max(lastStepMs, nowMs - MAX_STEPS * STEP_MS));
    while (nowMs - lastStepMs >= STEP_MS) {
      lastStepMs += STEP_MS;
      moved.turnDays(lastStepMs);
      if (!frozen) moved.step(lastStepMs);
    }
    moved.turnDays(nowMs);
    if (!frozen || startOfDay(figuresMs) !== startOfDay(nowMs)) figuresMs = nowMs;
  };
  return {
    catchUp,
    figuresMs: () => figuresMs,
    step() {
      catchUp();
      moved.step(clock.now());
    },
    freeze(isFrozen) {
      frozen = isFrozen;
    },
    isFrozen: () => frozen,
  };
}
