/** Nodes under watch: what they answer, show and save, what they write of errors, and how much memory they take. */

import { readFileSync, writeFileSync } from 'node:fs';
import { comparePositions, fromETag, NO_POSITION, type Position } from '../../contract/index.ts';
import { createPositionBook } from '../position-book.ts';
import type { RunningNode } from '../start-node.ts';
import type { RunningNodes } from '../start-nodes.ts';
import { type WatchedLatency, watchLatency } from '../watch-latency.ts';
import { type WatchedPositions, watchPositions } from '../watch-positions.ts';
import { type WatchedRedis, watchRedis } from '../watch-redis.ts';
import type { FaultScope } from './fault-case.ts';

/** Everything that is looked at. */
export interface UnderWatch {
  /** {@link SOCKETS_PER_NODE} for every node, in the order of the nodes. */
  readonly sockets: readonly WatchedPositions[];
  readonly redis: WatchedRedis;
  /** Ends the asking and says what was found. */
  findings(): Promise<Findings>;
}

/** What was found. */
export interface Findings {
  /** The slowest node's, ms. */
  readonly p99Ms: number;
  readonly answers: number;
  /** Summaries that were refused or took two seconds. */
  readonly failures: number;
  /** Sockets that were closed on us. */
  readonly closes: number;
  /** Positions that somebody was shown. */
  readonly positions: number;
  /** One sentence each: two documents at one position, a position that went back, a patch that did not follow. */
  readonly untruths: readonly string[];
  /** Looks at the document's key that found it without a time to live, `performance.now()`. */
  readonly withoutTtl: readonly number[];
  /** Lines of the nodes' logs with a level of an error, or that are none of the log. */
  readonly errors: readonly string[];
  /** What the node that grew most took more at its peak than before, MiB. */
  readonly grownMiB: number;
}

/** Two, so that what a node tells all its sockets is seen to reach more than one. */
export const SOCKETS_PER_NODE = 2;
/** Of the log: an error. */
const ERROR_LEVEL = 50;

/** Watches from now on. */
export async function watchNodes(
  scope: Pick<FaultScope, 'cleanUp'>,
  stage: RunningNodes,
  redis: Parameters<typeof watchRedis>[0],
): Promise<UnderWatch> {
  const book = createPositionBook();
  const backs: string[] = [];
  const sockets: WatchedPositions[] = [];
  for (const { server } of stage.nodes) {
    for (let n = 0; n < SOCKETS_PER_NODE; n++) {
      const socket = await watchPositions(server.socketUrl, book.note);
      scope.cleanUp(socket.close);
      sockets.push(socket);
    }
  }
  const watched = await watchRedis(redis, stage.keys);
  scope.cleanUp(watched.close);
  const latencies = stage.nodes.map((node) => watchSummary(node, book.note, backs));
  scope.cleanUp(() => endAll(latencies));
  const grownMiB = watchMemory(stage.nodes);
  return {
    sockets,
    redis: watched,
    async findings() {
      await endAll(latencies);
      for (const { json, ...position } of watched.saves) book.note(position, JSON.parse(json));
      return {
        p99Ms: Math.max(...latencies.map((latency) => latency.p99Ms() ?? Number.NaN)),
        answers: sum(latencies.map((latency) => latency.answers())),
        failures: sum(latencies.map((latency) => latency.failures())),
        closes: sum(sockets.map(({ closes }) => closes.length)),
        positions: book.size(),
        untruths: [
          ...book.doubled().map((name) => `two documents at ${name}`),
          ...sockets.flatMap(({ faults }) => faults),
          ...watched.faults,
          ...backs,
        ],
        withoutTtl: watched.withoutTtl,
        errors: stage.nodes.flatMap(errorsOf),
        grownMiB: grownMiB(),
      };
    },
  };
}

/** Asks a node's summary all the time, and looks whether its position goes back. */
function watchSummary(
  { index, server }: RunningNode,
  note: (position: Position, document: unknown) => void,
  backs: string[],
): WatchedLatency {
  let last: { readonly position: Position; readonly body: string } | null = null;
  return watchLatency(server.url, (etag, body) => {
    const position = fromETag(etag) ?? NO_POSITION;
    const order = comparePositions(position, last?.position ?? NO_POSITION);
    if (order < 0) backs.push(`the summary of node ${index} went back to ${etag}`);
    if (body !== last?.body) note(position, JSON.parse(body));
    last = { position, body };
  });
}

const endAll = (latencies: readonly WatchedLatency[]) =>
  Promise.all(latencies.map((latency) => latency.stop()));

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

function errorsOf({ index, server }: RunningNode): string[] {
  const lines = server.logLines();
  const bad = lines.filter(({ level }) => Number(level) >= ERROR_LEVEL);
  const strays =
    server
      .output()
      .split('\n')
      .filter((line) => line !== '').length - lines.length;
  return [
    ...bad.map((line) => `node ${index}: ${JSON.stringify(line).slice(0, 500)}`),
    ...(strays > 0 ? [`node ${index}: ${strays} lines that are none of the log`] : []),
  ];
}

/** @returns a function that says how much more than now the node that grew most has taken since, MiB */
function watchMemory(nodes: readonly RunningNode[]): () => number {
  const begin = nodes.map(({ server: { pid } }) => {
    // The peak counts from here.
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return { pid, beforeMiB: memoryMiB(pid, 'VmRSS') };
  });
  return () => Math.max(...begin.map(({ pid, beforeMiB }) => memoryMiB(pid, 'VmHWM') - beforeMiB));
}

/** Linux's own word on a process: what it takes now, or took at its peak. */
function memoryMiB(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${what}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
}
