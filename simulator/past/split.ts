/** Cuts a candle into smaller ones that make it again: a price that wanders from its open to its close inside its range. */

import { type Candle, toVolume } from '../candles.ts';
import { toTick } from '../coins.ts';
import type { Random } from '../random.ts';

/** How a candle is cut. */
export interface Cut {
  /** Length of a part, ms; the last one is as long as there is time left. */
  readonly partMs: number;
  /** When the candle ends, or was last looked at, ms since 1970; there is one part at least. */
  readonly untilMs: number;
  /** Decimals of a price. */
  readonly decimals: number;
  /** How likely nobody trades in a part: 0 = somebody always does. */
  readonly quietShare: number;
}

/** How far the price strays from the straight line, as a part of the candle's range; what goes beyond is folded back. */
const STRAY = 0.8;
/** How far a part's price reaches beyond its open and close, as a part of an even share of the range. */
const REACH = 0.35;

/** One part, before it has its place in the range. */
interface Part {
  readonly openTimeMs: number;
  readonly share: number;
  readonly isQuiet: boolean;
}

/**
 * The parts, oldest first: each opens where the one before it closed, together they have the whole's open, extremes,
 * close and volume.
 */
export function split(whole: Candle, cut: Cut, random: Random): Candle[] {
  const parts = partsOf(whole, cut, random);
  const closes = closesOf(whole, parts, cut, random);
  const volumes = volumesOf(whole.volume, parts, random);
  const reach = ((whole.high - whole.low) / Math.sqrt(parts.length)) * REACH;
  const candles = parts.map(({ openTimeMs, isQuiet }, i) => {
    const open = closes[i - 1] ?? whole.open;
    const close = closes[i] ?? whole.close;
    const [top, bottom] = [Math.max(open, close), Math.min(open, close)];
    const beyond = (room: number) =>
      isQuiet ? 0 : within(room, Math.abs(random.normal()) * reach);
    const high = toTick(top + beyond(whole.high - top), cut.decimals);
    const low = toTick(bottom - beyond(bottom - whole.low), cut.decimals);
    return { openTimeMs, open, high, low, close, volume: volumes[i] ?? 0 };
  });
  return touchExtremes(candles, parts, whole);
}

/** Part of the room, the more of it the further the price would go, but never all: parts do not stop at one price. */
const within = (room: number, wish: number): number =>
  room > 0 ? room * (1 - Math.exp(-wish / room)) : 0;

function partsOf({ openTimeMs }: Candle, cut: Cut, random: Random): readonly Part[] {
  const { partMs, untilMs, quietShare } = cut;
  const lengthMs = untilMs - openTimeMs;
  const count = Math.max(1, Math.ceil(lengthMs / partMs));
  return Array.from({ length: count }, (_, i) => ({
    openTimeMs: openTimeMs + i * partMs,
    share: count === 1 ? 1 : Math.min(partMs, lengthMs - i * partMs) / lengthMs,
    // The last one has to bring the price to the close.
    isQuiet: quietShare > 0 && i < count - 1 && random.uniform() < quietShare,
  }));
}

/** A random walk tied to the open and the close. */
function closesOf(whole: Candle, parts: readonly Part[], cut: Cut, random: Random): number[] {
  const { open, high, low, close } = whole;
  let walked = 0;
  const walk = parts.map(({ share }) => {
    walked += random.normal() * Math.sqrt(share);
    return walked;
  });
  let passed = 0;
  let last = open;
  return parts.map(({ share, isQuiet }, i) => {
    passed += share;
    if (i === parts.length - 1) return close;
    if (isQuiet) return last;
    const stray = ((walk[i] ?? 0) - passed * walked) * (high - low) * STRAY;
    last = toTick(folded(open + (close - open) * passed + stray, low, high), cut.decimals);
    return last;
  });
}

/** What lies outside of the range, reflected at its borders until it lies inside. */
function folded(price: number, low: number, high: number): number {
  const width = high - low;
  if (width === 0) return low;
  const turn = Math.abs(price - low) % (2 * width);
  return low + (turn > width ? 2 * width - turn : turn);
}

/** Adding up what is rounded, not rounding what is added up, keeps the sum. */
function volumesOf(volume: number, parts: readonly Part[], random: Random): number[] {
  const weights = parts.map(({ share, isQuiet }) => {
    const weight = share * Math.exp(0.5 * random.normal());
    return isQuiet ? 0 : weight;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let weighed = 0;
  let given = 0;
  return weights.map((weight, i) => {
    weighed += weight;
    const upTo = i === weights.length - 1 ? volume : toVolume((volume * weighed) / total);
    const part = toVolume(upTo - given);
    given = upTo;
    return part;
  });
}

/** The parts that came closest to the whole's extremes reach them. */
function touchExtremes(candles: Candle[], parts: readonly Part[], whole: Candle): Candle[] {
  const traded = candles.filter((_, i) => !parts[i]?.isQuiet);
  const highest = traded.reduce((a, b) => (b.high > a.high ? b : a));
  const lowest = traded.reduce((a, b) => (b.low < a.low ? b : a));
  return candles.map((candle) => ({
    ...candle,
    high: candle === highest ? whole.high : candle.high,
    low: candle === lowest ? whole.low : candle.low,
  }));
}
