/** Reads the frames of one connection: what they say, and the readings that follow from it. */

import type { Clock, SourceId } from '../../contract/index.ts';
import { createConnectionReadings } from './connection-readings.ts';
import { placeOf } from './place-of.ts';
import type { CoinReading } from './source.ts';
import type { Frame, Stream } from './stream.ts';

/** What a frame comes to. */
export type ReadFrame =
  /** Of a frame that is of use, with prices or without; there may be none. */
  | {
      readonly kind: 'readings';
      readonly readings: readonly CoinReading[];
      /** It is later than what came before, by the exchange's own time, or has no time. */
      readonly isGoingOn: boolean;
    }
  | Extract<Frame, { kind: 'going_away' | 'refused' | 'unreadable' }>;

/** Reads; never throws. */
export interface FrameReader {
  /** @param text `null` for a binary frame, which no exchange sends */
  read(text: string | null): ReadFrame;
  counts(): FrameCounts;
  /** How late frames come, ms; negative when the exchange's clock is ahead of ours. */
  lagMs(): number;
}

/** Of one connection, for the log. */
export interface FrameCounts {
  readonly frames: number;
  /** Of them, those that could not be read. */
  readonly unreadable: number;
}

/** What a reader needs. */
export interface FrameReaderDeps {
  readonly clock: Clock;
  readonly log: { error(fields: object, message: string): void };
}

/** What is read. */
export interface FrameReaderOptions {
  readonly source: SourceId;
  readonly stream: Stream;
  readonly coins: readonly string[];
}

/** @param connection its name, which no other connection of this process has */
export function createFrameReader(
  { clock, log }: FrameReaderDeps,
  { source, stream, coins }: FrameReaderOptions,
  connection: string,
): FrameReader {
  const toReadings = createConnectionReadings(source, connection);
  let isMistakeLogged = false;
  let frames = 0;
  let unreadable = 0;

  const going = (readings: readonly CoinReading[]): ReadFrame => ({
    ...{ kind: 'readings', readings },
    isGoingOn: toReadings.isGoingOn(),
  });
  const toRead = (frame: Frame): ReadFrame => {
    const receivedAtMs = clock.now();
    switch (frame.kind) {
      case 'prices':
        return going(toReadings.prices(frame, receivedAtMs));
      case 'alive':
        return going(toReadings.alive(frame.eventTimeMs, receivedAtMs));
      default:
        return frame;
    }
  };
  const readText = (text: string): ReadFrame => {
    try {
      return toRead(stream.read(text, coins));
    } catch (error) {
      // A mistake in a reader costs the frame, not the process; the next frame, a second later, will have it too.
      if (!isMistakeLogged) {
        log.error({ source, connection, at: placeOf(error) }, 'reading a frame failed');
      }
      isMistakeLogged = true;
      return { kind: 'unreadable' };
    }
  };

  return {
    read(text) {
      frames += 1;
      const read: ReadFrame = text === null ? { kind: 'unreadable' } : readText(text);
      if (read.kind === 'unreadable') unreadable += 1;
      return read;
    },
    counts: () => ({ frames, unreadable }),
    lagMs: toReadings.lagMs,
  };
}
