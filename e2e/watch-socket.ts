/** A WebSocket of the wire's own form, for tests: every frame as it came, and when. */

import type { DashboardDocument, ServerFrame } from '../contract/index.ts';

/** One frame. */
export interface SeenFrame {
  readonly text: string;
  /** `null` for `pong`. */
  readonly frame: ServerFrame | null;
  /** `performance.now()` at receipt. */
  readonly atMs: number;
}

/** A socket under watch. */
export interface WatchedSocket {
  readonly frames: readonly SeenFrame[];
  send(text: string): void;
  /** The first frame, past or future, that satisfies `test`. Rejects after `withinMs`. */
  find(test: (seen: SeenFrame) => boolean, withinMs?: number): Promise<SeenFrame>;
  /** The newest document in a whole frame. */
  document(): DashboardDocument;
  /** Close code, once closed. */
  readonly closed: Promise<number>;
  close(): void;
}

const FIND_TIMEOUT_MS = 10_000;

/**
 * Resolves when the socket is open.
 * @param onFrame told of every frame as it comes
 */
export async function watchSocket(
  url: string,
  onFrame: (seen: SeenFrame) => void = () => {},
): Promise<WatchedSocket> {
  const socket = new WebSocket(url);
  const frames: SeenFrame[] = [];
  const listeners = new Set<() => void>();
  socket.addEventListener('message', ({ data }) => {
    const text = String(data);
    const frame: ServerFrame | null = text === 'pong' ? null : JSON.parse(text);
    const seen = { text, frame, atMs: performance.now() };
    frames.push(seen);
    onFrame(seen);
    for (const listener of [...listeners]) listener();
  });
  const closed = new Promise<number>((resolve) =>
    socket.addEventListener('close', ({ code }) => resolve(code)),
  );
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error(`no socket at ${url}`)));
  });
  return {
    frames,
    closed,
    send: (text) => socket.send(text),
    close: () => socket.close(),
    document() {
      for (const { frame } of frames.toReversed()) {
        if (frame?.type === 'dashboard_update') return frame.data;
      }
      throw new Error('no whole document has come yet');
    },
    find(test, withinMs = FIND_TIMEOUT_MS) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = frames.find(test);
          if (found) done(() => resolve(found));
        };
        const done = (then: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          then();
        };
        const last = () => frames.at(-1)?.text.slice(0, 200);
        const timer = setTimeout(
          () => done(() => reject(new Error(`not seen in ${withinMs} ms; last frame: ${last()}`))),
          withinMs,
        );
        listeners.add(look);
        look();
      });
    },
  };
}
