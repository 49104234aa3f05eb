/** Asks a server for its summary again and again, and keeps how long each answer took. */

import { PATHS } from '../contract/index.ts';

/** Answers under watch. */
export interface WatchedLatency {
  /** Answers so far, whole body included. */
  answers(): number;
  /** Requests that failed, were answered with another status than 200, or took longer than the limit. */
  failures(): number;
  /** The time within which 99 of 100 answers came, ms; `null` before the first. Failures count as the limit. */
  p99Ms(): number | null;
  stop(): Promise<void>;
}

/** Between an answer and the next request: often enough to meet every stall of a tenth of a second. */
const ASK_EVERY_MS = 20;
/** A request that takes longer has failed. */
const LIMIT_MS = 2000;
/** Times that are kept: an hour of them. */
const MAX_TIMES = 200_000;

/** Told of every answer with status 200. */
export type OnAnswer = (etag: string | null, body: string) => void;

/** @param url origin of the server */
export function watchLatency(url: string, onAnswer: OnAnswer = () => {}): WatchedLatency {
  const timesMs: number[] = [];
  let failures = 0;
  let isStopped = false;
  const ask = async () => {
    const begun = performance.now();
    const answer = await fetch(url + PATHS.summary, { signal: AbortSignal.timeout(LIMIT_MS) })
      .then(async (response) => ({ ...pick(response), body: await response.text() }))
      .catch(() => null);
    const tookMs = performance.now() - begun;
    const isOk = answer?.status === 200;
    if (!isOk) failures++;
    if (timesMs.length < MAX_TIMES) timesMs.push(isOk ? tookMs : LIMIT_MS);
    if (isOk) onAnswer(answer.etag, answer.body);
  };
  const run = async () => {
    while (!isStopped) {
      await ask();
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  };
  const ended = run();
  return {
    answers: () => timesMs.length - failures,
    failures: () => failures,
    p99Ms: () => percentile(timesMs, 0.99),
    async stop() {
      isStopped = true;
      await ended;
    },
  };
}

const pick = ({ status, headers }: Response) => ({ status, etag: headers.get('etag') });

/** The smallest value that at least `share` of `values` do not exceed; `null` of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
