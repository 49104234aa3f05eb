/** The contract suite of the broker interface: every implementation is run against it. */

import { afterEach, describe, expect, test } from 'bun:test';
import { applyPatch, type DashboardDocument, emptyDocument } from '../../contract/index.ts';
import type { Broker, BrokerEvent, NewVersion } from './broker.ts';

/** A broker under test, and the ways into its surroundings. */
export interface BrokerUnderTest {
  readonly broker: Broker;
  /** Lets at least `ms` pass for the broker. */
  pass(ms: number): Promise<void>;
  /** Lets everything that was sent arrive. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Makes a broker whose `refreshMinIntervalMs` is {@link REFRESH_MS} and whose node holds the lease. */
export type MakeBroker = () => Promise<BrokerUnderTest>;

/** Shortest time between refresh rounds in the suite, ms. */
export const REFRESH_MS = 1000;

/** The document the suite starts from. */
export const EMPTY = emptyDocument(
  ['BTC'],
  { market: 1800, fng: 108_000, rsi_14: 900, rsi_14_taapi: 900, coin: 900 },
  false,
);

/** An epoch as high as real ones are. */
export const EPOCH = 1_795_000_000_000;

const AS_OF = '2026-11-23T07:00:00Z';

/** A document that another node can read as well: its one figure says whose it is and of when. */
export const documentOf = (market_cap: number): DashboardDocument => ({
  ...EMPTY,
  market_cap,
  last_updated: AS_OF,
  freshness: {
    ...EMPTY.freshness,
    market: { source: 'coingecko', as_of: AS_OF, state: 'live', stale_after_s: 1800 },
  },
});

/** A version as a leader begins a term, or goes on after a save that was not answered. */
export const whole = (seq: number, marketCap: number, epoch = EPOCH): NewVersion => ({
  epoch,
  seq,
  patch: null,
  document: documentOf(marketCap),
  whole: true,
});

/** A version that follows the one before it. */
export const patched = (seq: number, marketCap: number, epoch = EPOCH): NewVersion => ({
  ...whole(seq, marketCap, epoch),
  patch: { market_cap: marketCap },
  whole: false,
});

/** Runs the suite. */
export function testBroker(name: string, make: MakeBroker): void {
  describe(`${name} keeps the duties of a broker`, () => {
    const opened: BrokerUnderTest[] = [];
    const open = async () => {
      const under = await make();
      opened.push(under);
      const events: BrokerEvent[] = [];
      under.broker.subscribe((event) => events.push(event));
      const versions = () => events.flatMap((e) => (e.type === 'version' ? [e] : []));
      return { ...under, events, versions };
    };
    afterEach(async () => {
      for (const under of opened.splice(0)) await under.close();
    });

    test('holds the empty document at (0, 0) before any version', async () => {
      const { broker } = await open();
      const held = broker.held();
      expect([held.epoch, held.seq]).toEqual([0, 0]);
      expect(JSON.parse(held.json)).toEqual(EMPTY);
    });

    test('holds and tells what was published, with the document’s own bytes', async () => {
      const { broker, versions, settle } = await open();
      expect(await broker.publish(whole(1, 77_705.5))).toBe('ok');
      await settle();
      expect(broker.held().document.market_cap).toBe(77_705.5);
      expect(broker.held().json).toBe(JSON.stringify(documentOf(77_705.5)));
      expect(versions()).toHaveLength(1);
      expect(versions()[0]?.version.seq).toBe(1);
    });

    test('marks a version consecutive only when its patch applies to the one held before', async () => {
      const { broker, versions, settle } = await open();
      await broker.publish(whole(1, 1));
      await broker.publish(patched(2, 2));
      await broker.publish(patched(4, 4));
      await broker.publish(patched(1, 5, EPOCH + 1));
      await settle();
      expect(versions().map((v) => v.consecutive)).toEqual([false, true, false, false]);
    });

    test('gives every listener documents that the patches lead to', async () => {
      const { broker, versions, settle } = await open();
      await broker.publish(whole(1, 1));
      for (let seq = 2; seq <= 50; seq++) await broker.publish(patched(seq, seq * 10));
      await settle();
      let document: DashboardDocument = EMPTY;
      for (const { version, consecutive } of versions()) {
        document =
          consecutive && version.patch ? applyPatch(document, version.patch) : version.document;
        expect(document).toEqual(version.document);
      }
      expect(versions()).toHaveLength(50);
    });

    test('answers behind to a version that is not newer, and tells nobody', async () => {
      const { broker, versions, settle } = await open();
      await broker.publish(whole(5, 5));
      expect(await broker.publish(whole(5, 6))).toBe('behind');
      expect(await broker.publish(whole(4, 4))).toBe('behind');
      await settle();
      expect(broker.held().document.market_cap).toBe(5);
      expect(versions()).toHaveLength(1);
    });

    test('lets no listener’s failure reach another', async () => {
      const { broker, settle } = await open();
      let heard = 0;
      broker.subscribe(() => {
        throw new Error('a listener that fails');
      });
      broker.subscribe(() => heard++);
      expect(await broker.publish(whole(1, 1))).toBe('ok');
      await settle();
      expect(heard).toBe(1);
    });

    test('says nothing to a listener that has left', async () => {
      const { broker, settle } = await open();
      let heard = 0;
      const leave = broker.subscribe(() => heard++);
      leave();
      await broker.publish(whole(1, 1));
      await settle();
      expect(heard).toBe(0);
    });

    test('passes on heartbeat, refresh and the end of a round', async () => {
      const { broker, events, settle } = await open();
      await broker.publish(whole(1, 1));
      await broker.heartbeat({ epoch: EPOCH, seq: 1 });
      await broker.wantRefresh();
      await broker.endRound({ epoch: EPOCH, seq: 1 }, 'unchanged');
      await settle();
      expect(events.map(({ type }) => type)).toEqual([
        'version',
        'heartbeat',
        'refresh_wanted',
        'round_ended',
      ]);
      expect(events[1]).toEqual({
        type: 'heartbeat',
        position: { epoch: EPOCH, seq: 1 },
        nodes: 1,
      });
      expect(events[3]).toEqual({
        type: 'round_ended',
        position: { epoch: EPOCH, seq: 1 },
        outcome: 'unchanged',
      });
    });

    test('grants one refresh per interval, whoever asks', async () => {
      const { broker, pass } = await open();
      const claims = await Promise.all(Array.from({ length: 20 }, () => broker.claimRefresh()));
      expect(claims.filter(({ granted }) => granted)).toHaveLength(1);
      for (const claim of claims) {
        if (claim.granted) continue;
        expect(claim.retryAfterMs).toBeGreaterThan(0);
        expect(claim.retryAfterMs).toBeLessThanOrEqual(REFRESH_MS);
      }
      await pass(REFRESH_MS);
      expect(await broker.claimRefresh()).toEqual({ granted: true });
    });

    test('counts the interval from the start of any round', async () => {
      const { broker, pass } = await open();
      await broker.roundStarted();
      expect((await broker.claimRefresh()).granted).toBe(false);
      await pass(REFRESH_MS);
      expect((await broker.claimRefresh()).granted).toBe(true);
    });

    test('delivers nothing after it was closed', async () => {
      const { broker, events, settle } = await open();
      await broker.publish(whole(1, 1));
      await settle();
      const before = events.length;
      await broker.close();
      await broker.publish(whole(2, 2)).catch(() => {});
      await settle();
      expect(events).toHaveLength(before);
      expect(broker.held().seq).toBe(1);
    });
  });
}
