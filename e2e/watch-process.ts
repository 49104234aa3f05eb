/** Watches a server from outside: whether it answers in time, and what memory it takes. */

import { readFileSync, writeFileSync } from 'node:fs';
import { PATHS } from '../contract/index.ts';
import type { RunningServer } from './start-server.ts';

/** What was seen. */
export interface SeenProcess {
  /** The slowest answer of `/healthz`, ms; one that did not come in time counts as {@link LIMIT_MS}. */
  readonly slowestMs: number;
  readonly answers: number;
  /** How much more memory it took at its peak than when the watch began, bytes. */
  readonly growthBytes: number;
}

/** An answer that takes longer is none. */
export const LIMIT_MS = 5000;
const ASK_EVERY_MS = 50;

/** @returns a function that ends the watch and says what was seen */
export function watchProcess({ url, pid }: RunningServer): () => Promise<SeenProcess> {
  // The peak counts from here.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const beforeBytes = memoryOf(pid, 'VmRSS');
  let isOver = false;
  let slowestMs = 0;
  let answers = 0;
  const ask = async () => {
    const begun = performance.now();
    const signal = AbortSignal.timeout(LIMIT_MS);
    const isOk = await fetch(url + PATHS.health, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isOk) answers += 1;
    slowestMs = Math.max(slowestMs, isOk ? performance.now() - begun : LIMIT_MS);
  };
  const run = async () => {
    while (!isOver) {
      await ask();
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  };
  const ended = run();
  return async () => {
    isOver = true;
    await ended;
    return { slowestMs, answers, growthBytes: memoryOf(pid, 'VmHWM') - beforeBytes };
  };
}

/** Linux's own word on a process: what it takes now, or took at its peak. */
function memoryOf(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${what}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
}
