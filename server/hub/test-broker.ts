/** A broker that a test plays by hand. */

import {
  applyPatch,
  type DashboardDocument,
  type Degraded,
  emptyDocument,
  NO_POSITION,
  type Patch,
  type Position,
} from '../../contract/index.ts';
import type { Broker, BrokerEvent, Version } from '../broker/broker.ts';

/** A {@link Broker} with strings to pull. */
export interface TestBroker extends Broker {
  /** Tells every listener. */
  emit(event: BrokerEvent): void;
  /** Holds the document after `patch` at the next position and tells it. */
  change(patch: Patch, how?: { whole?: boolean; consecutive?: boolean; patch?: null }): Version;
  /** Holds `document` at `position` and tells it as a whole one. */
  replace(document: DashboardDocument, position: Position): Version;
  setConditions(conditions: readonly Degraded[]): void;
}

const EPOCH = 1_795_417_200_000;
const STALE_AFTER_S = { market: 1800, fng: 108_000, rsi_14: 900, rsi_14_taapi: 900, coin: 60 };

/** The document of a node that has read nothing. */
export const nothingRead = (): DashboardDocument => emptyDocument(['BTC'], STALE_AFTER_S, false);

/** A figure of the market that was read at `asOf`. */
export const marketRead = (marketCap: number, asOf: string): Patch => ({
  market_cap: marketCap,
  last_updated: asOf,
  freshness: { market: { source: 'coingecko', as_of: asOf, state: 'live' } },
});

/** @see TestBroker */
export function createTestBroker(): TestBroker {
  const listeners = new Set<(event: BrokerEvent) => void>();
  const version = (document: DashboardDocument, position: Position): Version => ({
    ...position,
    document,
    json: JSON.stringify(document),
    patch: null,
    whole: true,
  });
  let held = version(nothingRead(), NO_POSITION);
  let conditions: readonly Degraded[] = [];
  const emit = (event: BrokerEvent) => {
    for (const listener of listeners) listener(event);
  };
  const hold = (next: Version, consecutive: boolean) => {
    held = next;
    emit({ type: 'version', version: next, consecutive });
    return next;
  };
  return {
    emit,
    change(patch, how = {}) {
      const next = version(applyPatch(held.document, patch), {
        epoch: held.epoch || EPOCH,
        seq: held.seq + 1,
      });
      const told = how.patch === null ? null : patch;
      return hold({ ...next, patch: told, whole: how.whole ?? false }, how.consecutive ?? true);
    },
    replace: (document, position) => hold(version(document, position), false),
    setConditions(next) {
      conditions = next;
      emit({ type: 'conditions', conditions: next });
    },
    held: () => held,
    conditions: () => conditions,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    publish: async () => 'ok',
    heartbeat: async () => {},
    claimRefresh: async () => ({ granted: true }),
    wantRefresh: async () => {},
    roundStarted: async () => {},
    endRound: async () => {},
    close: async () => listeners.clear(),
  };
}
