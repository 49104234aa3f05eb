/** A broker whose document, rounds and claims a test decides. */

import {
  type DashboardDocument,
  type Degraded,
  emptyDocument,
  NO_POSITION,
  type Position,
} from '../../contract/index.ts';
import type { Broker, BrokerEvent, RefreshClaim, RoundOutcome, Version } from '../broker/broker.ts';

/** A {@link Broker} with strings to pull. */
export interface TestBroker extends Broker {
  /** Holds the document at the position and tells it. */
  hold(document: DashboardDocument, position: Position): void;
  /** Tells that a round ended. */
  roundEnded(position: Position, outcome: RoundOutcome): void;
  setConditions(conditions: readonly Degraded[]): void;
  /** What the next claims are answered. */
  answerClaims(claim: () => Promise<RefreshClaim>): void;
  /** What a ring does, before it is acknowledged. */
  onRing(run: () => void): void;
  readonly counts: { claims: number; rings: number };
  listeners(): number;
}

const STALE_AFTER_S = { market: 1800, fng: 108_000, rsi_14: 900, rsi_14_taapi: 900, coin: 60 };
const EPOCH = 1_795_417_200_000;

/** A position of the test's one term. */
export const at = (seq: number): Position => ({ epoch: EPOCH, seq });

/** A document with nothing in it but the market's capitalisation, or not even that. */
export function documentWith(marketCap: number | null, asOf: string | null): DashboardDocument {
  const empty = emptyDocument(['BTC'], STALE_AFTER_S, false);
  if (marketCap === null) return empty;
  const market = { source: 'coingecko', as_of: asOf, state: 'live', stale_after_s: 1800 } as const;
  return {
    ...empty,
    market_cap: marketCap,
    last_updated: asOf,
    freshness: { ...empty.freshness, market },
  };
}

/** @see TestBroker */
export function createTestBroker(): TestBroker {
  const listeners = new Set<(event: BrokerEvent) => void>();
  const counts = { claims: 0, rings: 0 };
  const version = (document: DashboardDocument, position: Position): Version => ({
    ...position,
    document,
    json: JSON.stringify(document),
    patch: null,
    whole: true,
  });
  const emit = (event: BrokerEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  let held = version(documentWith(null, null), NO_POSITION);
  let conditions: readonly Degraded[] = [];
  let claim = async (): Promise<RefreshClaim> => ({ granted: true });
  let ring = () => {};
  return {
    counts,
    listeners: () => listeners.size,
    hold(document, position) {
      held = version(document, position);
      emit({ type: 'version', version: held, consecutive: false });
    },
    roundEnded: (position, outcome) => emit({ type: 'round_ended', position, outcome }),
    setConditions(next) {
      conditions = next;
    },
    answerClaims(next) {
      claim = next;
    },
    onRing(run) {
      ring = run;
    },
    held: () => held,
    conditions: () => conditions,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    claimRefresh() {
      counts.claims++;
      return claim();
    },
    async wantRefresh() {
      counts.rings++;
      ring();
    },
    publish: async () => 'ok',
    heartbeat: async () => {},
    roundStarted: async () => {},
    endRound: async () => {},
    close: async () => listeners.clear(),
  };
}
