/** What the live region says of the connection: at most one change in two seconds, and reconnecting once. */

import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../contract/index.ts';
import type { ShownLink } from '../live/index.ts';

/** From one announcement to the next. */
export const SPEAK_EVERY_MS = 2000;

/** See {@link createSpokenLink}. */
export interface SpokenLink {
  readonly spoken: ReadonlySignal<ShownLink>;
  /** Begins to follow; the result ends that. */
  watch(): () => void;
}

/** Follows a connection at the pace of a voice. A second attempt is no other state than the first. */
export function createSpokenLink(link: ReadonlySignal<ShownLink>, clock: Clock): SpokenLink {
  const spoken = signal(link.peek());
  let silentUntilMs = Number.NEGATIVE_INFINITY;
  let waiting: Timer | null = null;

  const speak = () => {
    waiting = null;
    if (spoken.peek().state === link.peek().state) return;
    spoken.value = link.peek();
    silentUntilMs = clock.monotonic() + SPEAK_EVERY_MS;
  };
  return {
    spoken,
    watch() {
      const stop = effect(() => {
        if (link.value.state === spoken.peek().state || waiting) return;
        const waitMs = silentUntilMs - clock.monotonic();
        if (waitMs <= 0) speak();
        else waiting = clock.after(waitMs, speak);
      });
      return () => {
        stop();
        waiting?.cancel();
      };
    },
  };
}
