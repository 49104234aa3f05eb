/** When a node began its rounds, as its upstreams see it. */

import type { RunningNode } from '../start-node.ts';

/** All calls of a round are made at once; a busy machine spreads them a little. */
const ONE_ROUND_MS = 500;

/** So close together are the first two of them; pages of the past are asked for one by one, a quarter of a second apart. */
const TOGETHER_MS = 120;

/** The begin of every round of `node` in a span of `performance.now()`, in order. */
export function roundTimes(node: RunningNode, fromMs: number, untilMs = Infinity): number[] {
  const begins: number[] = [];
  const accepted = node.toUpstreams.accepted();
  for (const [index, atMs] of accepted.entries()) {
    if (atMs < fromMs || atMs >= untilMs) continue;
    if ((accepted[index + 1] ?? Number.POSITIVE_INFINITY) - atMs > TOGETHER_MS) continue;
    if (atMs - (begins.at(-1) ?? Number.NEGATIVE_INFINITY) > ONE_ROUND_MS) begins.push(atMs);
  }
  return begins;
}

/** From each moment to the next. */
export const gapsOf = (times: readonly number[]): number[] =>
  times.slice(1).map((time, index) => time - (times[index] ?? time));

/** For a row: the shortest and the longest, s. */
export const printGaps = (gaps: readonly number[]): string =>
  gaps.length === 0
    ? 'none'
    : [Math.min(...gaps), Math.max(...gaps)].map((ms) => (ms / 1000).toFixed(2)).join(' to ');
