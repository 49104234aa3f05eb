/** A broker that a test steers: the memory broker, with strings to pull. */

import {
  applyPatch,
  type DashboardDocument,
  DEGRADED,
  isNoPosition,
  type Patch,
  type Position,
} from '../../contract/index.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { Broker, RefreshClaim, RoundOutcome, Version } from './broker.ts';
import { EMPTY } from './broker-contract.ts';
import { type Condition, createConditions } from './conditions.ts';
import { createMemoryBroker } from './memory-broker.ts';

/** A {@link Broker} with strings to pull. */
export interface TestBroker extends Broker {
  /**
   * Publishes the document after `patch` as the next version. The first of the term is whole and without a patch, as a
   * leader's is.
   * @param how `gap`: one version is lost before it
   */
  change(patch: Patch, how?: { whole?: boolean; gap?: boolean; patch?: null }): Version;
  /**
   * Publishes the document, whole, at the position.
   * @throws when a newer one is held: no broker goes back
   */
  hold(document: DashboardDocument, position: Position): Version;
  /** Tells that a round ended. */
  roundEnded(position: Position, outcome: RoundOutcome): void;
  /** These hold, and no others. */
  setConditions(conditions: readonly Condition[]): void;
  /** What the next claims are answered, in place of the broker's own answer. */
  answerClaims(claim: () => Promise<RefreshClaim>): void;
  /** What a ring does, before it is acknowledged. */
  onRing(run: () => void): void;
  readonly counts: { claims: number; rings: number };
  /** How many subscriptions have not ended. */
  listeners(): number;
}

const EPOCH = 1_795_417_200_000;

/** The document of a node that has read nothing. */
export const NOTHING_READ: DashboardDocument = EMPTY;

/** A position of the test's one term. */
export const at = (seq: number): Position => ({ epoch: EPOCH, seq });

/** A market capitalisation that was read at `asOf`. */
export const marketRead = (marketCap: number, asOf: string): Patch => ({
  market_cap: marketCap,
  last_updated: asOf,
  freshness: { market: { source: 'coingecko', as_of: asOf, state: 'live' } },
});

/** A document with nothing in it but that. */
export const documentWith = (marketCap: number, asOf: string): DashboardDocument =>
  applyPatch(NOTHING_READ, marketRead(marketCap, asOf));

/**
 * @see TestBroker
 * @param clock counts the interval between refreshes
 * @param refreshMinIntervalMs 0 grants every claim
 */
export function createTestBroker(
  clock = createManualClock(),
  refreshMinIntervalMs = 0,
): TestBroker {
  const conditions = createConditions();
  const failures: unknown[] = [];
  const log = { error: (fields: object) => void failures.push(fields) };
  const real = createMemoryBroker(
    { clock, log, conditions },
    { empty: NOTHING_READ, refreshMinIntervalMs },
  );
  const open = new Set<() => void>();
  const counts = { claims: 0, rings: 0 };
  let claim = real.claimRefresh;
  let ring = () => {};

  const publish = (
    document: DashboardDocument,
    position: Position,
    patch: Patch | null,
    whole: boolean,
  ) => {
    // Published before the next line runs; the answer says no more than what is held then.
    void real.publish({ ...position, document, patch, whole });
    const held = real.held();
    if (held.document !== document) throw new Error('a test publishes a version that is not newer');
    if (failures.length > 0)
      throw new Error('a listener of the broker failed', { cause: failures });
    return held;
  };
  return {
    ...real,
    counts,
    listeners: () => open.size,
    change(patch, how = {}) {
      const held = real.held();
      const document = applyPatch(held.document, patch);
      if (isNoPosition(held)) return publish(document, at(1), null, true);
      const position = { epoch: held.epoch, seq: held.seq + (how.gap ? 2 : 1) };
      return publish(document, position, how.patch === null ? null : patch, how.whole ?? false);
    },
    hold: (document, position) => publish(document, position, null, true),
    roundEnded: (position, outcome) => void real.endRound(position, outcome),
    setConditions(next) {
      for (const name of DEGRADED) {
        if (name !== 'figures_stale') conditions.set(name, next.includes(name));
      }
    },
    answerClaims(next) {
      claim = next;
    },
    onRing(run) {
      ring = run;
    },
    subscribe(listener) {
      const end = real.subscribe(listener);
      const leave = () => {
        open.delete(leave);
        end();
      };
      open.add(leave);
      return leave;
    },
    claimRefresh() {
      counts.claims++;
      return claim();
    },
    wantRefresh() {
      counts.rings++;
      const told = real.wantRefresh();
      ring();
      return told;
    },
  };
}
