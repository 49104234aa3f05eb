/** Plays one exchange's recording to whoever listens: from its beginning to its end, and then its last tickers again and again. */

import type { Clock, Timer } from '../../../contract/index.ts';
import type { FrameShape } from './frame-shape.ts';
import type { RecordedFrame } from './recorded-frame.ts';
import type { RecordedStream } from './sort-frames.ts';

/** One tape for all connections: whoever comes later hears it from where it is. */
export interface Tape {
  /** @returns leaves again; while nobody listens the tape stands still */
  join(send: (text: string) => void): () => void;
}

/** How a tape is played. */
export interface TapeOptions {
  readonly clock: Clock;
  /** `false`: times are moved, so that the newest event is of the moment it is told. */
  readonly asRecorded: boolean;
}

/** Frames come at the pace they were recorded at, but never faster or slower than this. */
export const MIN_GAP_MS = 50;
export const MAX_GAP_MS = 2000;
/** How often the last tickers are told once the tape has ended: as often as an exchange tells them. */
export const REPEAT_MS = 1000;

export function createTape(stream: RecordedStream, { clock, asRecorded }: TapeOptions): Tape {
  const { shape, last } = stream;
  const frames = withGaps(stream);
  const listeners = new Set<(text: string) => void>();
  let next = 0;
  /** What is added to times; `null` before the first listener. */
  let shiftMs: number | null = null;
  let timer: Timer | null = null;
  let stoppedAtMs = 0;

  const tell = (text: string) => {
    for (const send of [...listeners]) send(text);
  };
  const playNext = () => {
    const frame = frames[next];
    next += 1;
    if (frame) tell(frame.isOwn && !asRecorded ? shape.move(frame.text, shiftMs ?? 0) : frame.text);
  };
  const repeat = () => {
    for (const { text, timeMs } of last) {
      const byMs = timeMs === null || asRecorded ? 0 : clock.now() - timeMs;
      tell(byMs === 0 ? text : shape.move(text, byMs));
    }
  };
  const go = () => {
    if (next < frames.length) playNext();
    else repeat();
    timer = listeners.size > 0 ? clock.after(frames[next]?.gapMs ?? REPEAT_MS, go) : null;
  };
  const start = () => {
    // The time it stood still is nobody's: times go on from where they were.
    if (shiftMs === null) shiftMs = clock.now() + headStartMs(shape, frames);
    else shiftMs += clock.monotonic() - stoppedAtMs;
    timer = clock.after(frames[next]?.gapMs ?? MIN_GAP_MS, go);
  };
  return {
    join(send) {
      listeners.add(send);
      if (!timer) start();
      return () => {
        listeners.delete(send);
        if (listeners.size > 0) return;
        timer?.cancel();
        timer = null;
        stoppedAtMs = clock.monotonic();
      };
    },
  };
}

interface PlayedFrame {
  readonly text: string;
  /** From the frame before it, ms. */
  readonly gapMs: number;
  /** Not foreign: its times are known. */
  readonly isOwn: boolean;
}

/** The frames in the order they are played: one foreign frame after each of the exchange's own, and the rest at the end. */
function withGaps({ frames, foreign }: RecordedStream): readonly PlayedFrame[] {
  const length = Math.max(frames.length, foreign.length);
  return Array.from({ length }, (_, i) => i).flatMap((i) => [
    ...paced(frames, i, true),
    ...paced(foreign, i, false),
  ]);
}

function paced(frames: readonly RecordedFrame[], i: number, isOwn: boolean): PlayedFrame[] {
  const frame = frames[i];
  if (!frame) return [];
  const recordedMs = isOwn ? distanceMs(frames[i - 1], frame) : 0;
  const gapMs = Math.min(Math.max(recordedMs, MIN_GAP_MS), MAX_GAP_MS);
  return [{ text: frame.text, gapMs, isOwn }];
}

/** How long after the one before it a frame was received, ms; 0 when that was not recorded. */
function distanceMs(before: RecordedFrame | undefined, frame: RecordedFrame): number {
  if (before?.file !== frame.file) return 0;
  if (before.receivedAtMs === null || frame.receivedAtMs === null) return 0;
  return frame.receivedAtMs - before.receivedAtMs;
}

/** What brings the recording's times to those of a tape that begins at 0: then no event is told before it happens. */
function headStartMs(shape: FrameShape, frames: readonly PlayedFrame[]): number {
  let atMs = 0;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const { text, gapMs, isOwn } of frames) {
    atMs += gapMs;
    const times = isOwn ? shape.eventTimesMs(text) : [];
    for (const timeMs of times) leastMs = Math.min(leastMs, atMs - timeMs);
  }
  return Number.isFinite(leastMs) ? leastMs : 0;
}
