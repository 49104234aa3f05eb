import { describe, expect, test } from 'bun:test';
import { createManualClock, type ManualClock } from '../../contract/manual-clock.ts';
import type { KeyForm } from '../redis/steps.ts';
import { createTenure } from './tenure.ts';
import { createErrorLog, createQuestions } from './test-questions.ts';

const TTL_MS = 5000;
const FORM: KeyForm = { epoch: 7, seq: 1, type: 'string', bytes: 3000 };

/** A tenure whose renewals a test answers; the lease was asked for `ageMs` ago. */
function hold({ ageMs = 0, clock = createManualClock() }: { ageMs?: number; clock?: ManualClock }) {
  const renewals = createQuestions<number, KeyForm | 'not_leader'>(clock);
  const overs: string[] = [];
  const forms: KeyForm[] = [];
  const tenure = createTenure(
    {
      steps: { renew: renewals.ask },
      clock,
      log: createErrorLog(),
      noteKey: (form) => void forms.push(form),
    },
    {
      epoch: 7,
      ttlMs: TTL_MS,
      sentAtMs: clock.monotonic() - ageMs,
      over: (why) => void overs.push(why),
    },
  );
  return { clock, renewals, overs, forms, tenure };
}

/** A clock whose process stands still: its timers fire only when it is moved by hand. */
function standStill(clock: ManualClock) {
  let laggedMs = 0;
  return {
    ...clock,
    monotonic: () => clock.monotonic() + laggedMs,
    now: () => clock.now() + laggedMs,
    lag(ms: number) {
      laggedMs += ms;
    },
  };
}

describe('a tenure', () => {
  test('is held until half a second before Redis may let the lease go', async () => {
    const { clock, overs, tenure } = hold({});
    await clock.advanceAsync(4499);
    expect(tenure.isHeld()).toBe(true);
    expect(overs).toEqual([]);
    await clock.advanceAsync(1);
    expect(tenure.isHeld()).toBe(false);
    expect(overs).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  test('counts from when the lease was asked for, however late the answer came', async () => {
    const { clock, overs, tenure } = hold({ ageMs: 1400 });
    await clock.advanceAsync(3099);
    expect(tenure.isHeld()).toBe(true);
    await clock.advanceAsync(1);
    expect(tenure.isHeld()).toBe(false);
    expect(overs).toHaveLength(1);
  });

  test('is not held for a moment when the answer came after its end', () => {
    const { tenure } = hold({ ageMs: 4500 });
    expect(tenure.isHeld()).toBe(false);
  });

  test('is not held after its end, however late its timer fires', () => {
    const clock = standStill(createManualClock());
    const { overs, tenure } = hold({ clock });
    clock.lag(4499);
    expect(tenure.isHeld()).toBe(true);
    clock.lag(1);
    expect(tenure.isHeld()).toBe(false);
    expect(overs).toEqual([]);
  });

  test('renews every third of the lease’s length and goes on for as long as it is answered', async () => {
    const { clock, renewals, overs, forms, tenure } = hold({});
    await clock.advanceAsync(1666);
    expect(renewals.count()).toBe(0);
    for (let turn = 1; turn <= 20; turn++) {
      await clock.advanceAsync(turn === 1 ? 1 : 1667);
      expect(renewals.count()).toBe(turn);
      expect(renewals.last().asked).toBe(7);
      await renewals.last().answer(FORM);
    }
    expect(tenure.isHeld()).toBe(true);
    expect(overs).toEqual([]);
    expect(forms).toHaveLength(20);
    expect(clock.pending()).toBe(2);
  });

  test('counts a renewal from before it was sent', async () => {
    const { clock, renewals, tenure } = hold({});
    await clock.advanceAsync(1700);
    const sentAt = 5000 / 3;
    await clock.advanceAsync(1300);
    await renewals.last().answer(FORM);
    await clock.advanceAsync(sentAt + 4500 - 3000 - 1);
    expect(tenure.isHeld()).toBe(true);
    await clock.advanceAsync(1);
    expect(tenure.isHeld()).toBe(false);
  });

  test('renews again a quarter of a second after each renewal that failed', async () => {
    const { clock, renewals, overs, tenure } = hold({});
    await clock.advanceAsync(1667);
    for (let turn = 1; turn <= 5; turn++) {
      expect(renewals.count()).toBe(turn);
      await renewals.last().refuse();
      await clock.advanceAsync(250);
    }
    await renewals.last().answer(FORM);
    await clock.advanceAsync(1600);
    expect(tenure.isHeld()).toBe(true);
    expect(overs).toEqual([]);
  });

  test('renews at once after a renewal that was given up late', async () => {
    const { clock, renewals } = hold({});
    await clock.advanceAsync(1667);
    await clock.advanceAsync(1500);
    await renewals.last().refuse();
    expect(renewals.count()).toBe(2);
  });

  test('is over at its end although a renewal is under way, and its answer changes nothing', async () => {
    const { clock, renewals, overs, forms, tenure } = hold({});
    await clock.advanceAsync(4500);
    expect(renewals.count()).toBe(1);
    expect(overs).toHaveLength(1);
    await renewals.last().answer(FORM);
    expect(tenure.isHeld()).toBe(false);
    expect(overs).toHaveLength(1);
    expect(forms).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  for (const answer of ['prolonged', 'refused'] as const) {
    test(`is never held again after a moment in which it was not: ${answer} while the process stood still`, async () => {
      const clock = standStill(createManualClock());
      const { renewals, overs, tenure } = hold({ clock });
      await clock.advanceAsync(1667);
      clock.lag(4000);
      expect(tenure.isHeld()).toBe(false);
      await (answer === 'prolonged' ? renewals.last().answer(FORM) : renewals.last().refuse());
      expect(tenure.isHeld()).toBe(false);
      expect(overs).toHaveLength(1);
      await clock.advanceAsync(10_000);
      expect(overs).toHaveLength(1);
      expect(renewals.count()).toBe(1);
      expect(clock.pending()).toBe(0);
    });
  }

  test('is over at once when Redis says that it is another’s', async () => {
    const { clock, renewals, overs, tenure } = hold({});
    await clock.advanceAsync(1667);
    await renewals.last().answer('not_leader');
    expect(tenure.isHeld()).toBe(false);
    expect(overs).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  test('says nothing after it was ended, and leaves no timer', async () => {
    const { clock, renewals, overs, tenure } = hold({});
    await clock.advanceAsync(1667);
    tenure.end();
    expect(tenure.isHeld()).toBe(false);
    await renewals.last().answer('not_leader');
    await clock.advanceAsync(10_000);
    expect(overs).toEqual([]);
    expect(renewals.count()).toBe(1);
    expect(clock.pending()).toBe(0);
  });

  test('does not notice that the wall clock jumps', async () => {
    const { clock, renewals, overs, tenure } = hold({});
    clock.setWall(clock.now() + 3_600_000);
    await clock.advanceAsync(1667);
    await renewals.last().answer(FORM);
    clock.setWall(clock.now() - 7_200_000);
    await clock.advanceAsync(1667);
    await renewals.last().answer(FORM);
    expect(tenure.isHeld()).toBe(true);
    expect(overs).toEqual([]);
  });
});
