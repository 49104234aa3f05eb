/** Ends connections that bring more frames than reading them leaves time for: a flood of tiny ones is cheap to send. */

import type { Clock } from '../../contract/index.ts';
import type { Connect } from './stream.ts';

/**
 * A hundred coins that trade a hundred times a second make half as many. So many take less than a quarter of a second to
 * read, which is what everything else has to wait for.
 */
export const MAX_FRAMES_PER_SECOND = 20_000;

const SECOND_MS = 1000;

/** @returns `connect`, whose connections end like those with a frame too large when too many frames come in a second */
export const limitFrames =
  (connect: Connect, clock: Pick<Clock, 'monotonic'>): Connect =>
  (url, headers, events) => {
    let sinceMs = clock.monotonic();
    let frames = 0;
    let isOver = false;
    const socket = connect(url, headers, {
      opened: () => events.opened(),
      pinged: () => events.pinged(),
      frame(text) {
        if (isOver) return;
        frames += 1;
        if (frames <= MAX_FRAMES_PER_SECOND) return events.frame(text);
        const nowMs = clock.monotonic();
        if (nowMs - sinceMs >= SECOND_MS) {
          sinceMs = nowMs;
          frames = 1;
          return events.frame(text);
        }
        isOver = true;
        socket.terminate();
        events.ended({ status: null, retryAtMs: null, closeCode: 1008, isTooLarge: true });
      },
      ended(end) {
        if (!isOver) events.ended(end);
        isOver = true;
      },
    });
    return socket;
  };
