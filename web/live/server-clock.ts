/** The server's time as the page knows it: figures are judged by it, never by the clock of the device alone. */

import type { Clock } from '../../contract/index.ts';

/** See {@link createServerClock}. */
export interface ServerClock {
  /** ms since 1970; the rendering's while it is not known. */
  now(): number;
  /** Whether the server's time is known at all. */
  isKnown(): boolean;
  /**
   * Takes what the server said of its time.
   * @param offsetMs the server's clock less the device's; `null` while it has said nothing
   * @returns whether that moved the clock
   */
  correct(offsetMs: number | null): boolean;
}

/** The one moment of which the page knows both clocks before the server has spoken. */
export interface Arrival {
  /** The server's time of the rendering, ms since 1970. */
  readonly renderedAtMs: number;
  /** When the page arrived, on the monotonic clock; `null` for a page kept by the browser: it may be hours old. */
  readonly receivedAtMs: number | null;
}

/** Until the server has said its time it counts on from the rendering: a device's clock may be wrong by hours. */
export function createServerClock(
  clock: Clock,
  { renderedAtMs, receivedAtMs }: Arrival,
): ServerClock {
  let heldOffsetMs: number | null = null;
  return {
    now() {
      if (heldOffsetMs !== null) return clock.now() + heldOffsetMs;
      return receivedAtMs === null ? renderedAtMs : renderedAtMs + clock.monotonic() - receivedAtMs;
    },
    isKnown: () => heldOffsetMs !== null || receivedAtMs !== null,
    correct(offsetMs) {
      if (offsetMs === null || offsetMs === heldOffsetMs) return false;
      heldOffsetMs = offsetMs;
      return true;
    },
  };
}
