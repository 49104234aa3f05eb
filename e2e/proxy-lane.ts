/** One direction of a connection through the proxy: bytes in order, late or kept back as the proxy is told. */

import type { Socket } from 'node:net';

/** What a lane asks before it passes anything on. */
export interface Gate {
  /** How long every byte, and the end, is on its way, ms. */
  delayMs(): number;
  /** While `true` nothing passes. */
  isFrozen(): boolean;
}

/** A lane that runs until its connection is closed. */
export interface Lane {
  /** To be called when the gate may have opened. */
  pump(): void;
  /** Passes on nothing more, what is kept back included. */
  close(): void;
}

/** Kept back at most, by direction; beyond that the sender is not read, and waits as it would for a slow network. */
const MAX_HELD_BYTES = 1_048_576;

/** Bytes, or `null` for the end of what a side has to say. */
interface Held {
  readonly chunk: Buffer | null;
  /** When it arrives at the other side, on the monotonic clock. */
  readonly dueMs: number;
}

/** Joins two sockets in one direction. A side that goes away is an end that comes after everything it said. */
export function createLane(from: Socket, to: Socket, gate: Gate): Lane {
  const queue: Held[] = [];
  let heldBytes = 0;
  let isEnded = false;
  let isFull = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const push = (chunk: Buffer | null) => {
    queue.push({ chunk, dueMs: performance.now() + gate.delayMs() });
    heldBytes += chunk?.length ?? 0;
    if (heldBytes > MAX_HELD_BYTES) from.pause();
    pump();
  };
  const end = () => {
    if (!isEnded) push(null);
    isEnded = true;
  };
  const pass = ({ chunk }: Held) => {
    if (to.destroyed) return;
    if (chunk === null) {
      to.end();
      return;
    }
    isFull = !to.write(chunk);
  };
  const pump = () => {
    clearTimeout(timer);
    while (!isFull && !gate.isFrozen()) {
      const [first] = queue;
      if (first === undefined) return;
      const waitMs = first.dueMs - performance.now();
      if (waitMs > 0) {
        timer = setTimeout(pump, Math.ceil(waitMs));
        return;
      }
      queue.shift();
      heldBytes -= first.chunk?.length ?? 0;
      pass(first);
      if (heldBytes <= MAX_HELD_BYTES) from.resume();
    }
  };

  from.on('data', (chunk: Buffer) => push(chunk));
  from.on('end', end);
  from.on('close', end);
  to.on('drain', () => {
    isFull = false;
    pump();
  });
  return {
    pump,
    close() {
      clearTimeout(timer);
      queue.length = 0;
      isEnded = true;
    },
  };
}
