/** For tests: 24 simulated hours of the whole server on a market in this process, with troubles drawn from a seed. */

import type { DashboardDocument } from '../contract/index.ts';
import { EXCHANGES } from '../contract/index.ts';
import type { ManualClock } from '../contract/manual-clock.ts';
import type { InProcessSimulator } from '../simulator/in-process.ts';
import { readConfig } from './config.ts';
import { createJudge, type Judge } from './test-day-judge.ts';
import { createDice, createTroubles, type Troubles } from './test-day-troubles.ts';
import { type Visitor, visit } from './test-day-visitor.ts';
import {
  createShiftedClock,
  createWorldBook,
  type ShiftedClock,
  type WorldBook,
} from './test-day-world.ts';
import { setUpMarket, type World } from './test-market.ts';

/** What a quarter of the day leaves behind, measured after a full garbage collection. */
export interface Remains {
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly timers: number;
}

/** What came of a day. */
export interface Day {
  readonly judge: Judge;
  readonly troubles: Troubles;
  readonly world: WorldBook;
  readonly visitor: Visitor;
  readonly quarters: readonly Remains[];
  /** Calls that a simulated quota has refused, by upstream. */
  readonly refused: Readonly<Record<string, number>>;
  /** Exchanges that nobody has tried to connect to for too long. */
  readonly forgotten: readonly string[];
  /** The document at the end, as anybody can ask for it, and as the visitor has it. */
  readonly atEnd: { readonly told: DashboardDocument; readonly shown: DashboardDocument | null };
  readonly clockJumps: number;
  readonly seconds: { readonly cpu: number; readonly wall: number };
}

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Noon of the first of a month, so that midnight is in the middle and the month's quota is whole. */
const START_MS = Date.UTC(2026, 11, 1, 12);
/** Nothing goes wrong at the beginning, and nothing new at the end: a pause of half an hour is over by then. */
const CALM_MS = 10 * 60_000;
const CALM_END_MS = 45 * 60_000;
/** When somebody presses refresh all the time, hours from the start. */
const PRESSES_H = [6, 9] as const;
/** As often as is allowed. */
const PRESS_EVERY_S = 15;

/** What upstreams allow, as their own documents have it; each refuses what is beyond. */
export const QUOTAS = {
  coingecko: { perMinute: 30, perMonth: 10_000 },
  coinpaprika: { perMonth: 20_000 },
  coinlore: { perMinute: 60 },
  alternative_me: { perMinute: 60 },
  taapi: { per15s: 1, perMinute: 4, refusesWith200: true },
  binance: { perMinute: 6000 },
  coinbase: { perMinute: 600 },
  kraken: { perMinute: 60 },
} as const satisfies Parameters<InProcessSimulator['quotas']['set']>[0];

/** When the server's clock is wrong: from which hour, for how many minutes, and by how many seconds. */
const JUMPS = [
  [1.5, 8, 5],
  [3.25, 12, -70],
  [5.5, 10, 600],
  [7.5, 10, -600],
  [14, 9, 70],
  [16.5, 15, -3600],
  [19, 12, 3600],
] as const;

/** Lets a day pass. */
export async function aDay(seed: number): Promise<Day> {
  const began = { wallMs: performance.now(), cpu: process.cpuUsage() };
  const stage = await setStage(seed);
  const { market, world, judge, troubles, visitor, serverClock } = stage;
  const { clock, simulator } = market;
  const quarters: Remains[] = [];
  const forgotten = new Set<string>();
  for (let second = 1; second <= HOURS * 3600; second++) {
    await market.pass(SECOND_MS, SECOND_MS);
    troubles.step(clock.now());
    setServerClock(serverClock, clock.now());
    judge.second(visitor.shown());
    for (const id of EXCHANGES) if (world.streamOf(id).isForgotten(clock.now())) forgotten.add(id);
    const hour = second / 3600;
    const isPressing = hour >= PRESSES_H[0] && hour < PRESSES_H[1];
    if (isPressing && second % PRESS_EVERY_S === 0) visitor.press();
    if (hour % (HOURS / 4) === 0) quarters.push(measure(clock));
  }
  const atEnd = { told: await market.document(), shown: visitor.shown() };
  const refused = simulator.quotas.view().refused;
  visitor.close();
  await market.end();
  const cpu = process.cpuUsage(began.cpu);
  const seconds = {
    cpu: (cpu.user + cpu.system) / 1e6,
    wall: (performance.now() - began.wallMs) / 1000,
  };
  const parts = { judge, troubles, world, visitor, quarters, refused, atEnd, seconds };
  return { ...parts, forgotten: [...forgotten], clockJumps: 2 * JUMPS.length };
}

/** The market, the server on it, and everybody who watches. */
async function setStage(seed: number) {
  let between: (world: World) => World = (world) => world;
  const market = setUpMarket({
    env: { TAAPI_SECRET: 'k', COINGECKO_API_KEY: 'k', COINGECKO_PLAN: 'demo', ...FLUSH },
    startMs: START_MS,
    random: createDice(seed + 1000),
    between: (world) => between(world),
  });
  const { clock, simulator } = market;
  const untilMs = START_MS + HOURS * HOUR_MS - CALM_END_MS;
  const troubles = createTroubles({ simulator, seed, startMs: START_MS + CALM_MS, untilMs });
  const serverClock = createShiftedClock(clock);
  const world = createWorldBook(serverClock, troubles);
  between = world.between;
  simulator.quotas.set(QUOTAS);
  const { coins } = readConfig({});
  const judge = createJudge({ clock, serverClock, simulator, troubles, world, coins });
  const server = await market.start();
  const visitor = await visit(server.port, judge.version);
  return { market, world, judge, troubles, visitor, serverClock };
}

/** A version a second, as often as the exchanges send frames, is a third of what three of them would make of a day. */
const FLUSH = { FLUSH_INTERVAL_MS: '1000' };

function setServerClock(serverClock: ShiftedClock, nowMs: number): void {
  const hour = (nowMs - START_MS) / HOUR_MS;
  const jump = JUMPS.find(([fromH, forMin]) => hour >= fromH && hour < fromH + forMin / 60);
  const offsetMs = 1000 * (jump?.[2] ?? 0);
  if (offsetMs !== serverClock.offsetMs()) serverClock.shift(offsetMs);
}

function measure(clock: ManualClock): Remains {
  Bun.gc(true);
  const { heapUsed, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, rssBytes: rss, timers: clock.pending() };
}
