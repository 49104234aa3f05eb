/** Waits for a fresh round on behalf of everybody who asks at the same time. */

import { type Clock, comparePositions, type Position, type Timer } from '../../contract/index.ts';
import type { Broker } from '../broker/broker.ts';

/** Longest wait for a round: an upstream's whole deadline and the way there and back. */
export const REFRESH_WAIT_MS = 11_000;
/**
 * Between a claim or a ring that failed and the next try: a short outage costs no answer. The wait's own end is the end
 * of the tries.
 */
const RETRY_MS = 500;
/** Requests that may wait at once; each is an open connection and an answer of a few kilobytes. */
export const MAX_REFRESH_WAITERS = 2_000;

/** How a refresh ended. */
export type RefreshOutcome =
  /** This node holds the document of the round. */
  | { readonly kind: 'ok' }
  /** A round ran a moment ago. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  /** No source answered. */
  | { readonly kind: 'failed' }
  /** `isAsked`: a round was rung for, or a new leader's first was to come; else nobody could be told. */
  | { readonly kind: 'timeout'; readonly isAsked: boolean }
  /** Too many wait already. */
  | { readonly kind: 'busy' }
  /** The server stops. */
  | { readonly kind: 'draining' };

/** Where failures of the broker are told. */
export interface RefreshLog {
  warn(fields: object, message: string): void;
}

/** Takes the requests of this node. */
export interface RefreshDesk {
  /** Joins the wait under way, or begins one. Never rejects. */
  ask(): Promise<RefreshOutcome>;
  /** Answers everybody who waits, and whoever still comes, with `draining`. */
  close(): void;
}

/** One wait, shared. */
interface Wait {
  readonly outcome: Promise<RefreshOutcome>;
  settle(outcome: RefreshOutcome): void;
}

/** @see RefreshDesk */
export function createRefreshDesk(broker: Broker, clock: Clock, log: RefreshLog): RefreshDesk {
  let wait: Wait | null = null;
  let waiters = 0;
  let isClosed = false;

  const begin = (): Wait => {
    const begun = startWait(broker, clock, log);
    void begun.outcome.then(() => {
      if (wait === begun) wait = null;
    });
    return begun;
  };
  return {
    async ask() {
      if (isClosed) return { kind: 'draining' };
      if (waiters >= MAX_REFRESH_WAITERS) return { kind: 'busy' };
      wait ??= begin();
      waiters++;
      try {
        return await wait.outcome;
      } finally {
        waiters--;
      }
    },
    close() {
      isClosed = true;
      wait?.settle({ kind: 'draining' });
    },
  };
}

function startWait(broker: Broker, clock: Clock, log: RefreshLog): Wait {
  const { promise, resolve } = Promise.withResolvers<RefreshOutcome>();
  let unsubscribe: (() => void) | null = null;
  let retry: Timer | null = null;
  let isGranted = false;
  let isAsked = false;
  /** The term this node was in when a try failed for the first time. */
  let failedInEpoch: number | null = null;
  let isSettled = false;
  const settle = (outcome: RefreshOutcome) => {
    isSettled = true;
    timer.cancel();
    retry?.cancel();
    unsubscribe?.();
    unsubscribe = null;
    resolve(outcome);
  };
  const timer = clock.after(REFRESH_WAIT_MS, () => settle({ kind: 'timeout', isAsked }));
  const listen = () => {
    unsubscribe ??= onRoundEnded(broker, settle);
  };

  const hasNewLeader = () => failedInEpoch !== null && broker.held().epoch > failedInEpoch;
  const ring = async () => {
    if (!isGranted) {
      const claim = await broker.claimRefresh();
      if (isSettled) return;
      // What holds back a refresh right after a takeover is the new leader's first round: it answers this wait.
      if (!claim.granted && hasNewLeader()) {
        isAsked = true;
        return;
      }
      if (!claim.granted) return settle({ kind: 'throttled', retryAfterMs: claim.retryAfterMs });
      isGranted = true;
    }
    // Before ringing: the round may end before the ring is acknowledged.
    listen();
    await broker.wantRefresh();
    isAsked = true;
  };
  const tryToRing = () => {
    ring().catch((error: unknown) => {
      if (isSettled) return;
      if (failedInEpoch === null) {
        const reason = error instanceof Error ? error.message : String(error);
        log.warn({ reason }, 'could not ring for a refresh; trying again');
        failedInEpoch = broker.held().epoch;
        // A round that begins without this ring is as good.
        listen();
      }
      retry = clock.after(RETRY_MS, tryToRing);
    });
  };
  tryToRing();
  return { outcome: promise, settle };
}

/** Hears that a round ended, once this node holds what came of it. @returns a function that ends it */
function onRoundEnded(broker: Broker, settle: (outcome: RefreshOutcome) => void): () => void {
  let awaited: Position | null = null;
  return broker.subscribe((event) => {
    if (event.type === 'round_ended') {
      if (event.outcome === 'failed') return settle({ kind: 'failed' });
      awaited = event.position;
    }
    // The word that a round ended may be here before its document.
    if (awaited !== null && comparePositions(broker.held(), awaited) >= 0) settle({ kind: 'ok' });
  });
}
