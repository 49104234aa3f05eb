import { describe, expect, test } from 'bun:test';
import { known, MARKET_ROUTE, setUpTerm } from './test-term.ts';

describe('a ring for a round', () => {
  test('counts once in the interval between refreshes, however often it is heard', async () => {
    const { clock, hear, callsOf } = setUpTerm({ inherited: known });
    for (let ring = 0; ring < 200 * 29; ring++) {
      await clock.advanceAsync(5);
      hear({ type: 'refresh_wanted' });
    }
    // A twentieth less than 15 s: the clock that grants refreshes may run faster.
    expect(callsOf(MARKET_ROUTE).map(({ atMs }) => atMs)).toEqual([0, 14_250, 28_500]);
  });

  test('that comes during a round joins it, and begins none at its end', async () => {
    const { clock, hear, said, always, callsOf } = setUpTerm({ inherited: known });
    always(() => new Promise((resolve) => void clock.after(8000, resolve)));
    await clock.advanceAsync(16_000);
    hear({ type: 'refresh_wanted' });
    for (let second = 0; second < 12; second++) {
      await clock.advanceAsync(1000);
      hear({ type: 'refresh_wanted' });
    }
    expect(callsOf(MARKET_ROUTE).map(({ atMs }) => atMs)).toEqual([0, 16_000]);
    expect(said.ended.slice(0, 2)).toEqual(['failed', 'failed']);
  });

  test('that does not count is answered with the end of the last round, once a second', async () => {
    const { clock, hear, said } = setUpTerm({ inherited: known });
    await clock.advanceAsync(1000);
    const ended = said.ended.length;
    for (let ring = 0; ring < 100; ring++) {
      await clock.advanceAsync(30);
      hear({ type: 'refresh_wanted' });
    }
    await clock.advanceAsync(0);
    expect(said.ended.slice(ended)).toEqual(['failed', 'failed', 'failed']);
  });

  test('counts at once when the nodes could not be told of the last one: it was granted', async () => {
    const { clock, broker, hear, callsOf, term, begin } = setUpTerm({ inherited: known });
    term.stop();
    broker.roundStarted = () => Promise.reject(new Error('no answer'));
    begin();
    await clock.advanceAsync(1000);
    hear({ type: 'refresh_wanted' });
    await clock.advanceAsync(0);
    expect(callsOf(MARKET_ROUTE).map(({ atMs }) => atMs)).toEqual([0, 1000]);
  });
});
