/** Kraken's frames of the second version: a channel with a list of data, or the answer to a method. */

import { moveIsoTimes } from '../move-times.ts';
import { isObject } from '../recording.ts';
import { type FrameShape, isoMs, isoTimesAt, symbolBefore } from './frame-shape.ts';

const METHODS: readonly unknown[] = ['subscribe', 'unsubscribe', 'ping', 'pong', 'error'];

export const krakenFrames = {
  id: 'kraken',
  publishes: (frame) =>
    isObject(frame) && typeof frame.channel === 'string' && Array.isArray(frame.data),
  converses: (frame) =>
    METHODS.includes(frame.method) ||
    (frame.channel === 'heartbeat' && Object.keys(frame).length === 1),
  ticker({ symbol, last, timestamp }) {
    if (typeof symbol !== 'string' || typeof last !== 'number') return null;
    return { pair: symbol, symbol: symbolBefore('/USD', symbol), timeMs: isoMs(timestamp) };
  },
  alone: (ticker) => `{"channel":"ticker","type":"update","data":[${ticker}]}`,
  eventTimesMs: (text) => isoTimesAt('timestamp|time_out', text),
  move: moveIsoTimes,
} as const satisfies FrameShape;
