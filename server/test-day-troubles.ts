/** For tests: what goes wrong with the upstreams within a day, drawn from a seed. */

import type { SourceId } from '../contract/index.ts';
import { EXCHANGES } from '../contract/index.ts';
import type { InProcessSimulator } from '../simulator/in-process.ts';
import {
  POLL_TROUBLES,
  POLLED,
  type PolledSource,
  ROUTES_OF,
  STREAM_TROUBLES,
  type Trouble,
} from './test-day-kinds.ts';

/** One of those that stream. */
export type Exchange = (typeof EXCHANGES)[number];
/** What has troubles of its own, one at a time. */
export type Track = PolledSource | `${Exchange} stream`;

/** The troubles of a day. */
export interface Troubles {
  /** Ends and begins what is due. */
  step(nowMs: number): void;
  /** Whether what it brings now is good. */
  isWell(track: Track): boolean;
  /** Whether what it brings now cannot be read. */
  isGarbled(track: Track): boolean;
  /** From when on nothing of its last trouble lingers, ms since 1970: pauses that were asked for are over, clocks are in step. */
  settledMs(track: Track): number;
  /** How often each has begun. */
  counts(): Readonly<Record<string, number>>;
}

/** How a day is set up. */
export interface TroublesOptions {
  readonly simulator: InProcessSimulator;
  readonly seed: number;
  readonly startMs: number;
  /** From here on nothing new begins, and all heals. */
  readonly untilMs: number;
}

/** From the end of a trouble to the next one, s: long enough at times for everything to be well. */
const STREAM_GAP_S = [60, 900] as const;
const POLL_GAP_S = [600, 3600] as const;

/** Repeatable randomness, in [0, 1): a linear congruence (Numerical Recipes), plenty for picking troubles. */
export function createDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const between = (dice: () => number, [least, most]: readonly [number, number]): number =>
  least + dice() * (most - least);

export function createTroubles(options: TroublesOptions): Troubles {
  const { simulator, seed } = options;
  const counts: Record<string, number> = {};
  const lanes = new Map<Track, Lane>();
  const begin = (trouble: Trouble) => {
    counts[trouble.name] = (counts[trouble.name] ?? 0) + 1;
  };
  for (const [index, id] of EXCHANGES.entries()) {
    const heal = () => {
      simulator.streams.setFaults({ [id]: null });
      simulator.states.setStates({ [id]: 'ok' });
      simulator.states.setBlocks({ [id]: null });
    };
    const dice = createDice(seed + index);
    const lane = { id, kinds: STREAM_TROUBLES, gapS: STREAM_GAP_S, dice, heal, begin };
    lanes.set(`${id} stream`, createLane(options, lane));
  }
  for (const [index, id] of POLLED.entries()) {
    const heal = () => {
      simulator.faults.set(Object.fromEntries(ROUTES_OF[id].map((route) => [route, null])));
      if (!isExchange(id)) simulator.states.setStates({ [id]: 'ok' });
    };
    const kinds = isExchange(id) ? POLL_TROUBLES.filter(({ isWhole }) => !isWhole) : POLL_TROUBLES;
    const dice = createDice(seed + 100 + index);
    lanes.set(id, createLane(options, { id, kinds, gapS: POLL_GAP_S, dice, heal, begin }));
  }
  const laneOf = (track: Track): Lane => {
    const lane = lanes.get(track);
    if (lane === undefined) throw new TypeError(`${track} has no troubles`);
    return lane;
  };
  return {
    step(nowMs) {
      for (const lane of lanes.values()) lane.step(nowMs);
    },
    isWell: (track) => laneOf(track).isWell(),
    isGarbled: (track) => laneOf(track).isGarbled(),
    settledMs: (track) => laneOf(track).settledMs(),
    counts: () => ({ ...counts }),
  };
}

const isExchange = (id: SourceId): boolean => EXCHANGES.some((exchange) => exchange === id);

type Lane = ReturnType<typeof createLane>;

interface LaneOptions {
  readonly id: SourceId;
  readonly kinds: readonly Trouble[];
  readonly gapS: readonly [number, number];
  readonly dice: () => number;
  heal(): void;
  begin(trouble: Trouble): void;
}

/** The troubles of one track, one after the other. */
function createLane(
  { simulator, startMs, untilMs }: Omit<TroublesOptions, 'seed'>,
  { id, kinds, gapS, dice, heal, begin }: LaneOptions,
) {
  let current: Trouble | null = null;
  let turnsMs = startMs + 1000 * between(dice, gapS);
  let settledMs = startMs;
  const isWell = () => current === null || current.isHarmless === true;

  const start = (nowMs: number) => {
    const trouble = pick(kinds, dice);
    trouble.begin({ simulator, id, dice });
    begin(trouble);
    current = trouble;
    turnsMs = Math.min(untilMs, nowMs + 1000 * between(dice, trouble.forS));
  };
  const end = (nowMs: number, trouble: Trouble) => {
    heal();
    if (!isWell()) settledMs = Math.max(settledMs, nowMs + 1000 * trouble.settleS);
    current = null;
    turnsMs = nowMs + 1000 * between(dice, gapS);
  };
  return {
    step(nowMs: number) {
      if (nowMs < turnsMs) return;
      if (current !== null) end(nowMs, current);
      else if (nowMs < untilMs) start(nowMs);
    },
    isWell,
    isGarbled: () => current?.isGarbling === true,
    settledMs: () => (isWell() ? settledMs : Number.POSITIVE_INFINITY),
  };
}

function pick(kinds: readonly Trouble[], dice: () => number): Trouble {
  const sum = kinds.reduce((total, { weight }) => total + weight, 0);
  let left = dice() * sum;
  const found = kinds.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  const chosen = found ?? kinds[0];
  if (chosen === undefined) throw new TypeError('there is nothing to pick');
  return chosen;
}
