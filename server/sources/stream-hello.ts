/** Says what a stream is asked for: each text at its time, since exchanges cut off whoever talks too fast. */

import type { Clock, Timer } from '../../contract/index.ts';

/** What is said on one connection. */
export interface Hello {
  /** Says the first text. */
  begin(): void;
  /** A pong went out, which counts as a message: what is still to be said waits for its turn anew. */
  ponged(): void;
  close(): void;
}

/** @param send may end the connection, and close this */
export function createHello(
  clock: Clock,
  texts: readonly string[],
  minIntervalMs: number,
  send: (text: string) => void,
): Hello {
  const waiting = [...texts];
  let timer: Timer | null = null;

  const wait = (): void => {
    timer?.cancel();
    timer = waiting.length > 0 ? clock.after(minIntervalMs, say) : null;
  };
  const say = (): void => {
    const text = waiting.shift();
    if (text === undefined) return;
    send(text);
    wait();
  };

  return {
    begin: say,
    ponged: wait,
    close() {
      waiting.length = 0;
      timer?.cancel();
    },
  };
}
