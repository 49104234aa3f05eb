import { describe, expect, test } from 'bun:test';
import { emptyDocument } from '../contract/index.ts';
import { staleTable } from './term.ts';
import { GLOBAL, known, MARKET_ROUTE, setUpTerm } from './test-term.ts';

describe('a term', () => {
  test('begins with one version, seq 1 and whole, also from a document of other coins and keys', async () => {
    const { versions, clock } = setUpTerm({
      env: { COINS: 'BTC', TAAPI_SECRET: '' },
      inherited: () => ({
        ...known(emptyDocument(['BTC', 'ETH', 'XMR'], staleTable(300), false)),
        ...{ key_of_a_newer_version: 1 },
      }),
    });
    expect(versions.map(({ seq, whole }) => [seq, whole])).toEqual([[1, true]]);
    expect(Object.keys(versions[0]?.document.coins ?? {})).toEqual(['BTC']);
    expect(versions[0]?.document.market_cap).toBe(2e12);
    expect(versions[0]?.document.sources.taapi?.state).toBe('off');
    await clock.advanceAsync(1000);
    expect(versions[0]?.document).not.toHaveProperty('key_of_a_newer_version');
  });

  test('while nothing was ever read tries again after 15, 30 and 60 s, and says when', async () => {
    const { clock, broker, callsOf } = setUpTerm();
    await clock.advanceAsync(0);
    const next = () => broker.held().document.sources.coingecko?.next_attempt_at;
    expect(next()).toBe('2026-11-23T07:00:15Z');
    await clock.advanceAsync(200_000);
    expect(callsOf(MARKET_ROUTE).map(({ atMs }) => atMs)).toEqual([0, 15_000, 45_000, 105_000]);
    expect(next()).toBe('2026-11-23T07:03:45Z');
  });

  test('has as many early tries however often a refresh is asked for meanwhile', async () => {
    const { clock, broker, callsOf } = setUpTerm({ env: { REFRESH_MIN_INTERVAL_SECONDS: '1' } });
    // Fewer than it takes for an upstream to be left alone.
    for (let press = 0; press < 2; press++) {
      await clock.advanceAsync(1000);
      await broker.wantRefresh();
    }
    await clock.advanceAsync(110_000);
    const times = callsOf(MARKET_ROUTE).map(({ atMs }) => atMs);
    expect(times).toEqual([0, 1000, 2000, 15_000, 45_000, 105_000]);
  });

  test('keeps its interval once a figure is known, failing or not', async () => {
    const { clock, broker, answers, callsOf } = setUpTerm();
    await clock.advanceAsync(0);
    answers.set(MARKET_ROUTE, GLOBAL);
    await clock.advanceAsync(15_000);
    expect(broker.held().document.market_cap).toBe(2.5e12);
    answers.clear();
    await clock.advanceAsync(900_000);
    expect(callsOf(MARKET_ROUTE).map(({ atMs }) => atMs)).toEqual([
      0, 15_000, 315_000, 615_000, 915_000,
    ]);
  });

  test('makes one round of a refresh, and tells its end with the position of its document', async () => {
    const { clock, broker, answers, calls } = setUpTerm();
    await clock.advanceAsync(30_000);
    answers.set(MARKET_ROUTE, GLOBAL);
    const before = calls.length;
    const ended: unknown[] = [];
    broker.subscribe((event) => event.type === 'round_ended' && ended.push(event));
    await broker.wantRefresh();
    await clock.advanceAsync(0);
    expect(calls.length - before).toBe(4);
    const { epoch, seq, document } = broker.held();
    expect(document.market_cap).toBe(2.5e12);
    expect(ended).toEqual([{ type: 'round_ended', position: { epoch, seq }, outcome: 'changed' }]);
  });

  test('saves its document anew when what is stored is not that, while it holds the lease', async () => {
    const { clock, told, hear, said, versions } = setUpTerm();
    await clock.advanceAsync(1000);
    const [before, last] = [said.saves, versions.at(-1)];
    hear({ type: 'save_wanted' });
    await clock.advanceAsync(0);
    expect(said.saves).toBe(before + 1);
    const { seq, whole, document } = versions.at(-1) ?? expect.unreachable();
    expect({ seq, whole, document }).toEqual({
      seq: (last?.seq ?? 0) + 1,
      whole: true,
      document: last?.document ?? expect.unreachable(),
    });
    told.isHeld = false;
    hear({ type: 'save_wanted' });
    await clock.advanceAsync(0);
    expect(said.saves).toBe(before + 1);
  });

  test('asks for a later term when a version of its own comes from elsewhere', async () => {
    const { clock, told, hear, versions } = setUpTerm();
    await clock.advanceAsync(1000);
    const last = versions.at(-1) ?? expect.unreachable();
    const hearVersion = (epoch: number, seq: number) =>
      hear({ type: 'version', version: { ...last, epoch, seq }, consecutive: false });
    hearVersion(last.epoch, last.seq);
    hearVersion(last.epoch - 1, last.seq + 1);
    hearVersion(last.epoch + 1, last.seq + 1);
    expect(told.termsRenewed).toBe(0);
    told.isHeld = false;
    hearVersion(last.epoch, last.seq + 1);
    expect(told.termsRenewed).toBe(0);
    told.isHeld = true;
    hearVersion(last.epoch, last.seq + 1);
    expect(told.termsRenewed).toBe(1);
  });

  test('neither calls nor saves without the lease', async () => {
    const { clock, told, answers, versions, calls } = setUpTerm();
    await clock.advanceAsync(0);
    told.isHeld = false;
    answers.set(MARKET_ROUTE, GLOBAL);
    const before = [calls.length, versions.length];
    await clock.advanceAsync(1_000_000);
    expect([calls.length, versions.length]).toEqual(before);
  });

  test('shows that it lives from its start, every five seconds, while it holds the lease', async () => {
    const { clock, told, said } = setUpTerm();
    expect(said.heartbeats).toBe(1);
    await clock.advanceAsync(4999);
    expect(said.heartbeats).toBe(1);
    await clock.advanceAsync(15_001);
    expect(said.heartbeats).toBe(5);
    told.isHeld = false;
    await clock.advanceAsync(60_000);
    expect(said.heartbeats).toBe(5);
  });

  test('is over when it is stopped: no call, no version, no sign of life, no end of its round', async () => {
    const { clock, term, calls, versions, said, answers, always } = setUpTerm();
    const answer = Promise.withResolvers<void>();
    answers.set(MARKET_ROUTE, GLOBAL);
    always(() => answer.promise);
    await clock.advanceAsync(0);
    term.stop();
    const before = [calls.length, versions.length, said.saves, said.heartbeats];
    answer.resolve();
    await clock.advanceAsync(1_000_000);
    expect([calls.length, versions.length, said.saves, said.heartbeats]).toEqual(before);
    expect(said.ended).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

describe('a term whose first save', () => {
  test('is behind what another program wrote asks for a term above it', async () => {
    const { clock, told, redis, term, begin } = setUpTerm();
    term.stop();
    redis.answerSave = async () => 'behind';
    begin();
    await clock.advanceAsync(1000);
    expect(told.termsRenewed).toBe(1);
  });

  test('is answered not_leader asks for a new term once, and does no more by itself', async () => {
    const { clock, told, said, redis, term, begin, versions } = setUpTerm();
    term.stop();
    redis.answerSave = async () => 'not_leader';
    const refused = begin();
    await clock.advanceAsync(0);
    expect(told.termsRenewed).toBe(1);
    const before = said.saves;
    await clock.advanceAsync(20_000);
    expect([told.termsRenewed, said.saves]).toEqual([1, before]);
    refused.stop();
    redis.answerSave = null;
    begin();
    await clock.advanceAsync(0);
    const first = versions.find(({ epoch }) => epoch === 9);
    expect([first?.seq, first?.whole]).toEqual([1, true]);
  });

  test('is not answered for long saves ever anew, and all of it whole as soon as one is', async () => {
    const { clock, told, said, redis, term, begin, answers, versions } = setUpTerm();
    term.stop();
    answers.set(MARKET_ROUTE, GLOBAL);
    redis.answerSave = () =>
      new Promise((_, reject) => clock.after(1500, () => reject(new Error('no answer'))));
    const [before, endedBefore] = [said.saves, said.ended.length];
    begin();
    await clock.advanceAsync(60_000);
    // Its first round has ended, but not for those who wait for its figures.
    expect(said.ended).toHaveLength(endedBefore);
    expect(told.termsRenewed).toBe(0);
    const tries = said.saves - before;
    expect(tries).toBeGreaterThan(15);
    expect(tries).toBeLessThan(25);
    redis.answerSave = null;
    await clock.advanceAsync(4000);
    const { seq, whole, patch, document } = versions.at(-1) ?? expect.unreachable();
    expect({ seq, whole, patch }).toEqual({ seq: tries + 1, whole: true, patch: null });
    expect(document.market_cap).toBe(2.5e12);
    expect(said.ended.slice(endedBefore)).toEqual(['changed']);
  });

  test('is not answered until the lease has run out ends without a trace', async () => {
    const { clock, told, said, redis, term, begin, versions } = setUpTerm();
    term.stop();
    await clock.advanceAsync(0);
    const before = [versions.length, said.ended.length];
    redis.answerSave = () =>
      new Promise((_, reject) => clock.after(1500, () => reject(new Error('no answer'))));
    const frozen = begin();
    await clock.advanceAsync(4500);
    told.isHeld = false;
    frozen.stop();
    redis.answerSave = null;
    await clock.advanceAsync(60_000);
    expect([versions.length, said.ended.length]).toEqual(before);
    expect(clock.pending()).toBe(0);
  });
});
