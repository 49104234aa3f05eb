import { describe, expect, test } from 'bun:test';
import { signal } from '@preact/signals';
import { createManualClock } from '../../contract/manual-clock.ts';
import type { ShownLink } from '../live/index.ts';
import { createSpokenLink, SPEAK_EVERY_MS } from './spoken-link.ts';

function spoken() {
  const clock = createManualClock();
  const link = signal<ShownLink>({ state: 'connecting' });
  const { spoken: said, watch } = createSpokenLink(link, clock);
  const stop = watch();
  return { clock, link, said, stop };
}

const reconnecting = (attempt: number): ShownLink => ({ state: 'reconnecting', attempt, max: 5 });

describe('the spoken connection', () => {
  test('changes at once after a silence', () => {
    const { link, said } = spoken();
    link.value = { state: 'live' };
    expect(said.value.state).toBe('live');
  });

  test('changes at most once in two seconds, and then to what holds by then', () => {
    const { clock, link, said } = spoken();
    link.value = { state: 'live' };
    link.value = reconnecting(1);
    link.value = { state: 'offline' };
    expect(said.value.state).toBe('live');
    clock.advance(SPEAK_EVERY_MS);
    expect(said.value.state).toBe('offline');
  });

  test('says nothing when everything is as before by then', () => {
    const { clock, link, said } = spoken();
    link.value = { state: 'live' };
    const before = said.value;
    link.value = reconnecting(1);
    link.value = { state: 'live' };
    clock.advance(SPEAK_EVERY_MS);
    expect(said.value).toBe(before);
  });

  test('speaks of reconnecting once', () => {
    const { clock, link, said } = spoken();
    link.value = reconnecting(1);
    clock.advance(SPEAK_EVERY_MS);
    link.value = reconnecting(2);
    clock.advance(SPEAK_EVERY_MS);
    expect(said.value).toEqual(reconnecting(1));
  });

  test('leaves no timer behind', () => {
    const { clock, link, stop } = spoken();
    link.value = { state: 'live' };
    link.value = { state: 'offline' };
    stop();
    expect(clock.pending()).toBe(0);
  });
});
