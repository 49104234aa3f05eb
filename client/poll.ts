/** Asks the server over HTTP for the document: what is left when no WebSocket can be had. */

import type { Clock, Timer } from '../contract/clock.ts';
import type { DashboardDocument } from '../contract/document.ts';
import type { ErrorBody } from '../contract/http.ts';
import { fromETag, type Position, toETag } from '../contract/position.ts';
import { type Answer, request } from './request.ts';
import type { Store } from './store.ts';
import type { Fetch } from './transport.ts';

/** One poll, body included; the same patience as with a WebSocket. */
export const POLL_DEADLINE_MS = 10_000;

/** What a poll brought that was answered in the words of the protocol. */
export interface Polled {
  /** Not yet judged against the held one; `null` when the server holds the same, or has no figure at all yet. */
  readonly version: { readonly document: DashboardDocument; readonly position: Position } | null;
  /** The `Date` of the answer, ms since 1970; `NaN` when it has none. */
  readonly serverTimeMs: number;
}

/** What polling needs. */
export interface PollingDeps {
  readonly pollUrl: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Its position is sent along, so that the same document does not travel twice. */
  readonly store: Store;
  /** Seconds from an answer to the next poll. */
  intervalS(): number;
}

/** Polls, one at a time. */
export interface Polling {
  isRunning(): boolean;
  /** Polls at once and then after every interval; a poll already under way is discarded. */
  start(): void;
  /** Stops; a poll under way is discarded. */
  stop(): void;
}

/**
 * @param answered is told of every poll that was not discarded; `null` when it failed
 * @returns nothing is asked until `start`
 */
export function createPolling(
  { pollUrl, fetch, clock, store, intervalS }: PollingDeps,
  answered: (polled: Polled | null) => void,
): Polling {
  // The poll under way, or the wait for the next one.
  let current: Timer | null = null;
  const stop = () => {
    current?.cancel();
    current = null;
  };
  const start = async () => {
    stop();
    const poll = request(fetch, clock, POLL_DEADLINE_MS, pollUrl, {
      headers: { 'If-None-Match': toETag(store.current().position) },
    });
    current = poll;
    const answer = await poll.answer;
    if (current !== poll) return;
    current = clock.after(intervalS() * 1000, start);
    answered(answer && readPoll(answer));
  };
  return { isRunning: () => current !== null, start, stop };
}

function readPoll({ status, headers, body }: Answer): Polled | null {
  const serverTimeMs = Date.parse(headers.get('Date') ?? '');
  // `no_figures_yet` is an answer too: the server is there and has nothing to give.
  if (status === 304 || (status === 503 && errorCode(body) === 'no_figures_yet')) {
    return { version: null, serverTimeMs };
  }
  const position = fromETag(headers.get('ETag'));
  // A document without a position cannot be put in order, so it cannot be held.
  if (status !== 200 || !body || !position) return null;
  return { version: { document: body as unknown as DashboardDocument, position }, serverTimeMs };
}

/** The code of an error body; `undefined` when it is not one: reading a key harms no JSON value but `null`. */
const errorCode = (body: Answer['body']): unknown =>
  (body?.error as Partial<ErrorBody['error']> | null | undefined)?.code;
