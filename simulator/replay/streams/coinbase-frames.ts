/** Coinbase Exchange's frames: each says its type. */

import { moveIsoTimes } from '../move-times.ts';
import { isObject } from '../recording.ts';
import { type FrameShape, isoMs, isoTimesAt, symbolBefore } from './frame-shape.ts';

const CONVERSATION: readonly unknown[] = ['subscribe', 'unsubscribe', 'subscriptions', 'error'];

export const coinbaseFrames = {
  id: 'coinbase',
  publishes: (frame) =>
    isObject(frame) && typeof frame.type === 'string' && typeof frame.product_id === 'string',
  converses: ({ type }) => CONVERSATION.includes(type),
  ticker({ type, product_id, price, time }) {
    if (type !== 'ticker' || typeof product_id !== 'string') return null;
    if (typeof price !== 'string') return null;
    return { pair: product_id, symbol: symbolBefore('-USD', product_id), timeMs: isoMs(time) };
  },
  alone: (ticker) => ticker,
  eventTimesMs: (text) => isoTimesAt('time', text),
  move: moveIsoTimes,
} as const satisfies FrameShape;
