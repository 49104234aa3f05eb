/** Sorts recorded frames by exchange. What is no exchange's here is among the frames of every one of them. */

import type { Exchange } from '../../ticker.ts';
import { isObject, type Recording } from '../recording.ts';
import { binanceFrames } from './binance-frames.ts';
import { coinbaseFrames } from './coinbase-frames.ts';
import type { FrameShape, TickerHead } from './frame-shape.ts';
import { krakenFrames } from './kraken-frames.ts';
import { frameOf, parseOrNull, type RecordedFrame } from './recorded-frame.ts';

/** The exchanges whose frames are known. One file each, one line here. */
const SHAPES: readonly FrameShape[] = [binanceFrames, coinbaseFrames, krakenFrames];

/** A ticker that stands in a frame, alone or among others. */
export interface RecordedTicker extends TickerHead {
  /** The ticker as a frame of its own, digits as recorded. */
  readonly text: string;
}

/** What there is of one exchange. */
export interface RecordedStream {
  readonly id: Exchange;
  readonly shape: FrameShape;
  /** Its own, in the order they were found. */
  readonly frames: readonly RecordedFrame[];
  /** Those of nobody who has a stream here. */
  readonly foreign: readonly RecordedFrame[];
  /** The newest ticker of every pair; of one moment, the last that was found. */
  readonly last: readonly RecordedTicker[];
}

/** An exchange without a single ticker is left out: nothing could be shown of it. */
export function sortFrames(
  frames: readonly RecordedFrame[],
  recordings: readonly Recording[],
): readonly RecordedStream[] {
  const bodies = recordings.filter(({ item, body }) => item === null && isPublished(body));
  const all = [...frames, ...bodies.map(frameOf)];
  const owners = new Map(all.map((frame) => [frame, ownerOf(frame.text)]));
  const foreign = all.filter((frame) => owners.get(frame) === null);
  return SHAPES.flatMap((shape) => {
    const own = all.filter((frame) => owners.get(frame) === shape);
    const last = newestTickers(shape, own);
    return last.length === 0 ? [] : [{ id: shape.id, shape, frames: own, foreign, last }];
  });
}

const isPublished = (body: unknown): boolean => SHAPES.some((shape) => shape.publishes(body));

function ownerOf(text: string): FrameShape | null {
  const frame = parseOrNull(text);
  const publisher = SHAPES.find((shape) => shape.publishes(frame));
  const partner = isObject(frame) ? SHAPES.find((shape) => shape.converses(frame)) : null;
  return publisher ?? partner ?? null;
}

/** Tickers are flat in every exchange's frames. */
const FLAT_OBJECT = /\{[^{}]*\}/g;

/** Every ticker in a frame. */
export const tickersIn = (shape: FrameShape, text: string): readonly RecordedTicker[] =>
  (text.match(FLAT_OBJECT) ?? []).flatMap((part) => {
    const object = parseOrNull(part);
    const head = isObject(object) ? shape.ticker(object) : null;
    return head ? [{ ...head, text: shape.alone(part) }] : [];
  });

function newestTickers(
  shape: FrameShape,
  frames: readonly RecordedFrame[],
): readonly RecordedTicker[] {
  const byPair = new Map<string, RecordedTicker>();
  for (const ticker of frames.flatMap(({ text }) => tickersIn(shape, text))) {
    const known = byPair.get(ticker.pair)?.timeMs ?? Number.NEGATIVE_INFINITY;
    if ((ticker.timeMs ?? known) >= known) byPair.set(ticker.pair, ticker);
  }
  return [...byPair.values()];
}
