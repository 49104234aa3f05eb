import { describe, expect, test } from 'bun:test';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { RefreshClaim } from '../broker/broker.ts';
import { at, createTestBroker, documentWith } from '../broker/test-broker.ts';
import { createRefreshDesk, MAX_REFRESH_WAITERS, REFRESH_WAIT_MS } from './refresh.ts';

const AS_OF = '2026-11-23T07:00:00Z';

const away = (): Promise<RefreshClaim> => Promise.reject(new Error('away'));
const granted = async (): Promise<RefreshClaim> => ({ granted: true });

function start() {
  const broker = createTestBroker();
  const clock = createManualClock();
  const warnings: [string, object][] = [];
  const log = {
    warn: (fields: object, message: string) => void warnings.push([message, fields]),
  };
  const desk = createRefreshDesk(broker, clock, log);
  broker.hold(documentWith(1, AS_OF), at(1));
  return { broker, clock, desk, warnings };
}

describe('a refresh', () => {
  test('is answered when this node holds the document of the round', async () => {
    const { broker, clock, desk } = start();
    let answered: unknown = null;
    const asked = desk.ask().then((outcome) => {
      answered = outcome;
    });
    await clock.advanceAsync(0);
    broker.roundEnded(at(2), 'changed');
    await clock.advanceAsync(0);
    expect(answered).toBeNull();
    broker.hold(documentWith(2, AS_OF), at(2));
    await asked;
    expect(answered).toEqual({ kind: 'ok' });
    expect(broker.listeners()).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  test('is answered by a round that changed nothing, and by one that ends within the ring', async () => {
    const { broker, desk } = start();
    broker.onRing(() => broker.roundEnded(at(1), 'unchanged'));
    expect(await desk.ask()).toEqual({ kind: 'ok' });
  });

  test('is answered by the first round of a new leader', async () => {
    const { broker, clock, desk } = start();
    const asked = desk.ask();
    await clock.advanceAsync(3_000);
    const next = { epoch: at(1).epoch + 500, seq: 2 };
    broker.hold(documentWith(2, AS_OF), next);
    broker.roundEnded(next, 'changed');
    expect(await asked).toEqual({ kind: 'ok' });
  });

  test('fails when no source answered', async () => {
    const { broker, desk } = start();
    broker.onRing(() => broker.roundEnded(at(1), 'failed'));
    expect(await desk.ask()).toEqual({ kind: 'failed' });
  });

  test('is throttled without ringing when a round ran a moment ago', async () => {
    const { broker, desk } = start();
    broker.answerClaims(async () => ({ granted: false, retryAfterMs: 4_200 }));
    expect(await desk.ask()).toEqual({ kind: 'throttled', retryAfterMs: 4_200 });
    expect(broker.counts).toEqual({ claims: 1, rings: 0 });
  });

  test('shares one claim and one ring among all who ask at the same time', async () => {
    const { broker, clock, desk } = start();
    const asked = Array.from({ length: 100 }, () => desk.ask());
    await clock.advanceAsync(500);
    asked.push(desk.ask());
    broker.roundEnded(at(1), 'unchanged');
    const outcomes = await Promise.all(asked);
    expect(outcomes.every(({ kind }) => kind === 'ok')).toBe(true);
    expect(broker.counts).toEqual({ claims: 1, rings: 1 });
    broker.onRing(() => broker.roundEnded(at(1), 'unchanged'));
    expect(await desk.ask()).toEqual({ kind: 'ok' });
    expect(broker.counts).toEqual({ claims: 2, rings: 2 });
  });

  test('waits eleven seconds and no longer, whatever hangs', async () => {
    const { broker, clock, desk } = start();
    const late = desk.ask();
    await clock.advanceAsync(REFRESH_WAIT_MS);
    expect(await late).toEqual({ kind: 'timeout', isAsked: true });

    const claim = Promise.withResolvers<RefreshClaim>();
    broker.answerClaims(() => claim.promise);
    const hanging = desk.ask();
    await clock.advanceAsync(REFRESH_WAIT_MS);
    expect(await hanging).toEqual({ kind: 'timeout', isAsked: false });
    claim.resolve({ granted: true });
    await clock.advanceAsync(0);
    expect(broker.counts.rings).toBe(1);
    expect(broker.listeners()).toBe(0);
  });

  test('is answered as late when the broker fails to the end, and leaves nothing behind', async () => {
    const { broker, clock, desk, warnings } = start();
    broker.answerClaims(away);
    const asked = desk.ask();
    await clock.advanceAsync(REFRESH_WAIT_MS);
    expect(await asked).toEqual({ kind: 'timeout', isAsked: false });
    expect(warnings).toEqual([['could not ring for a refresh; trying again', { reason: 'away' }]]);
    expect(broker.counts).toEqual({ claims: 22, rings: 0 });
    expect(broker.listeners()).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  test('claims and rings once the broker is back, for everybody who waits', async () => {
    const { broker, clock, desk } = start();
    broker.answerClaims(away);
    const asked = [desk.ask()];
    await clock.advanceAsync(4_900);
    asked.push(desk.ask());
    broker.answerClaims(granted);
    broker.onRing(() => broker.roundEnded(at(1), 'unchanged'));
    await clock.advanceAsync(100);
    expect(await Promise.all(asked)).toEqual([{ kind: 'ok' }, { kind: 'ok' }]);
    expect(broker.counts).toEqual({ claims: 11, rings: 1 });
    expect(clock.pending()).toBe(0);
  });

  test('claims no second time when only the ring failed', async () => {
    const { broker, clock, desk } = start();
    let rings = 0;
    broker.onRing(() => {
      if (++rings < 4) throw new Error('away');
    });
    const asked = desk.ask();
    await clock.advanceAsync(2_000);
    expect(broker.counts).toEqual({ claims: 1, rings: 4 });
    broker.roundEnded(at(1), 'unchanged');
    expect(await asked).toEqual({ kind: 'ok' });
  });

  test('is throttled by a round that ran before the outage', async () => {
    const { broker, clock, desk } = start();
    broker.answerClaims(away);
    const asked = desk.ask();
    await clock.advanceAsync(100);
    broker.answerClaims(async () => ({ granted: false, retryAfterMs: 4_200 }));
    await clock.advanceAsync(400);
    expect(await asked).toEqual({ kind: 'throttled', retryAfterMs: 4_200 });
    expect(broker.listeners()).toBe(0);
  });

  test('is answered by the round that a new leader began during the outage', async () => {
    const { broker, clock, desk } = start();
    broker.answerClaims(away);
    const asked = desk.ask();
    await clock.advanceAsync(700);
    const first = { epoch: at(1).epoch + 500, seq: 1 };
    broker.hold(documentWith(1, AS_OF), first);
    broker.answerClaims(async () => ({ granted: false, retryAfterMs: 14_900 }));
    await clock.advanceAsync(3_000);
    const second = { ...first, seq: 2 };
    broker.hold(documentWith(2, AS_OF), second);
    broker.roundEnded(second, 'changed');
    expect(await asked).toEqual({ kind: 'ok' });
    expect(broker.counts).toEqual({ claims: 3, rings: 0 });
    expect(clock.pending()).toBe(0);
  });

  test('is answered by a round that ends while the broker cannot be asked', async () => {
    const { broker, clock, desk } = start();
    broker.answerClaims(away);
    const asked = [desk.ask()];
    await clock.advanceAsync(600);
    broker.roundEnded(at(1), 'unchanged');
    expect(await asked[0]).toEqual({ kind: 'ok' });
    asked.push(desk.ask());
    await clock.advanceAsync(600);
    broker.roundEnded(at(1), 'failed');
    expect(await asked[1]).toEqual({ kind: 'failed' });
  });

  test('is refused when too many wait', async () => {
    const { broker, desk } = start();
    const asked = Array.from({ length: MAX_REFRESH_WAITERS }, () => desk.ask());
    expect(await desk.ask()).toEqual({ kind: 'busy' });
    await Promise.resolve();
    broker.roundEnded(at(1), 'unchanged');
    await Promise.all(asked);
    broker.onRing(() => broker.roundEnded(at(1), 'unchanged'));
    expect(await desk.ask()).toEqual({ kind: 'ok' });
  });

  test('ends for everybody when the server stops', async () => {
    const { clock, desk, broker } = start();
    const asked = desk.ask();
    await clock.advanceAsync(100);
    desk.close();
    expect(await asked).toEqual({ kind: 'draining' });
    expect(await desk.ask()).toEqual({ kind: 'draining' });
    expect(broker.listeners()).toBe(0);
    expect(clock.pending()).toBe(0);
  });
});
