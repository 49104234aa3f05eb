/** A thousand who ask for a refresh, spread over nodes and moments, and whether everybody was answered as he should be. */

import { setTimeout as wait } from 'node:timers/promises';
import { comparePositions, type Position } from '../../contract/index.ts';
import { createPositionBook } from '../position-book.ts';
import type { RunningNode } from '../start-node.ts';
import { type WatchedPositions, watchPositions } from '../watch-positions.ts';
import { type AskedRefresh, askForRefresh, loopbackAddress } from './ask-for-refresh.ts';
import type { FaultScope } from './fault-case.ts';

/** Everybody is answered within this, whatever happens meanwhile, ms. */
export const ANSWERED_WITHIN_MS = 11_000;

/** People who ask. */
export interface RefreshCrowd {
  /** `count` of them, at once, one after the other at each of `nodes`. Resolves when all are answered, or never will be. */
  ask(nodes: readonly RunningNode[], count: number): Promise<void>;
  /** How many wait at `nodes` now. */
  waiting(nodes: readonly RunningNode[]): number;
  /** Everybody who has an answer, or will never have one. */
  readonly asked: readonly AskedRefresh[];
  /**
   * What was wrong with an answer, one sentence each. Those who were cut off with `gone` are left out.
   */
  faults(gone?: RunningNode): readonly string[];
  /** For a row: answers by status, and the slowest. */
  tally(): string;
}

/**
 * @param nodes a socket at each says what was held when somebody asked
 * @param intervalS their `REFRESH_MIN_INTERVAL_SECONDS`
 */
export async function createRefreshCrowd(
  scope: Pick<FaultScope, 'cleanUp'>,
  nodes: readonly RunningNode[],
  intervalS: number,
): Promise<RefreshCrowd> {
  const book = createPositionBook();
  const sockets = new Map<RunningNode, WatchedPositions>();
  for (const node of nodes) {
    const socket = await watchPositions(node.server.socketUrl, book.note);
    scope.cleanUp(socket.close);
    sockets.set(node, socket);
  }
  const asked: AskedRefresh[] = [];
  const faults: string[] = [];
  const waiting = new Map<RunningNode, number>();
  let visitors = 0;
  const addWaiting = (node: RunningNode, count: number) =>
    void waiting.set(node, (waiting.get(node) ?? 0) + count);

  const askOne = async (node: RunningNode) => {
    const held = sockets.get(node)?.position() ?? null;
    addWaiting(node, 1);
    const one = await askForRefresh(node, loopbackAddress(visitors++));
    addWaiting(node, -1);
    asked.push(one);
    const { answer } = one;
    if (answer?.body.data !== undefined) book.note(answer.position, answer.body.data);
    const fault = faultOf(one, held, intervalS);
    if (fault !== null) faults.push(`node ${node.index}: ${fault}`);
  };
  return {
    async ask(of, many) {
      const who = Array.from({ length: many }, (_, index) => of[index % of.length]);
      await Promise.all(who.flatMap((node) => (node === undefined ? [] : [askOne(node)])));
    },
    waiting: (of) => of.reduce((sum, node) => sum + (waiting.get(node) ?? 0), 0),
    asked,
    faults: (gone) => [
      ...faults,
      ...asked
        .filter(({ answer, node }) => answer === null && node !== gone)
        .map(({ node, tookMs }) => `node ${node.index}: no answer after ${tookMs.toFixed(0)} ms`),
      ...[...sockets.values()].flatMap((socket) => socket.faults),
      ...book.doubled().map((name) => `two documents at ${name}`),
    ],
    tally() {
      const statuses = Map.groupBy(asked, ({ answer }) => answer?.status ?? 'cut off');
      const slowestMs = Math.max(
        ...asked.flatMap(({ answer, tookMs }) => (answer === null ? [] : [tookMs])),
      );
      return [
        `${asked.length} asked:`,
        [...statuses].map(([status, { length }]) => `${length} × ${status},`).join(' '),
        `the slowest after ${(slowestMs / 1000).toFixed(2)} s`,
      ].join(' ');
    },
  };
}

/** `count` people in as many bursts as there are lists of nodes, evenly over `overMs`. */
export async function askInBursts(
  crowd: RefreshCrowd,
  bursts: readonly (readonly RunningNode[])[],
  { count, everyMs }: { readonly count: number; readonly everyMs: number },
): Promise<void> {
  const begunMs = performance.now();
  const asking: Promise<void>[] = [];
  for (const [index, nodes] of bursts.entries()) {
    await wait(Math.max(0, begunMs + index * everyMs - performance.now()));
    asking.push(crowd.ask(nodes, Math.round(count / bursts.length)));
  }
  await Promise.all(asking);
}

/** A round may have asked an upstream right before somebody joins it, and the wire has whole seconds. */
const FRESH_WITHIN_MS = 1250;

/** What is wrong with an answer; `null` when nothing is, or when there is none. */
function faultOf(
  { answer, sentAtMs, tookMs }: AskedRefresh,
  held: Position | null,
  intervalS: number,
): string | null {
  if (answer === null) return null;
  const { status, retryAfter, position, body } = answer;
  const told = `${status} after ${tookMs.toFixed(0)} ms`;
  if (tookMs > ANSWERED_WITHIN_MS) return `${told}: late`;
  if (body.data === undefined) return `${told}: without a document`;
  if (held !== null && comparePositions(position, held) < 0) return `${told}: went back`;
  if (status === 429) {
    const isTime = retryAfter !== null && /^\d+$/.test(retryAfter);
    const isSoon = Number(retryAfter) >= 1 && Number(retryAfter) <= intervalS;
    return isTime && isSoon ? null : `${told}: Retry-After ${retryAfter}`;
  }
  if (status !== 200) return told;
  const successAtMs = Date.parse(body.data.sources.coingecko?.last_success_at ?? '');
  const isFresh = successAtMs >= sentAtMs - FRESH_WITHIN_MS;
  const isNew = held === null || comparePositions(position, held) > 0;
  return isFresh && isNew ? null : `${told}: not the document of a fresh round`;
}
