/** Binance's frames: events, bare, wrapped or in lists. */

import { moveMillis } from '../move-times.ts';
import { isObject, type JsonObject } from '../recording.ts';
import { type FrameShape, symbolBefore } from './frame-shape.ts';

const TICKERS: readonly unknown[] = ['24hrTicker', '24hrMiniTicker'];
/** Event, trade, a candle's begin and end, a day's begin and end. */
const TIME_KEYS = 'E|T|t|O|C';
const REQUESTS: readonly unknown[] = [
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'LIST_SUBSCRIPTIONS',
  'SET_PROPERTY',
  'GET_PROPERTY',
];

export const binanceFrames = {
  id: 'binance',
  publishes(frame) {
    if (Array.isArray(frame)) return frame.length > 0 && frame.every(isEvent);
    if (!isObject(frame)) return false;
    const isWrapped = typeof frame.stream === 'string' && 'data' in frame;
    return isWrapped || isEvent(frame) || isBook(frame);
  },
  converses: (frame) =>
    ('result' in frame && 'id' in frame) ||
    REQUESTS.includes(frame.method) ||
    isProblem(frame) ||
    isProblem(frame.error),
  ticker({ e, s, c, E }) {
    if (!TICKERS.includes(e) || typeof s !== 'string' || typeof c !== 'string') return null;
    return { pair: s, symbol: symbolBefore('USDT', s), timeMs: typeof E === 'number' ? E : null };
  },
  alone: (ticker) => ticker,
  eventTimesMs: (text) =>
    [...text.matchAll(/"E"\s*:\s*(\d{13})(?!\d)/g)].map(([, ms]) => Number(ms)),
  move: (text, byMs) => moveMillis(text, TIME_KEYS, byMs),
} as const satisfies FrameShape;

const isEvent = (frame: unknown): boolean =>
  isObject(frame) && typeof frame.e === 'string' && typeof frame.E === 'number';

/** The best bid and ask: the only event without a name. */
const isBook = ({ u, s, b, a }: JsonObject): boolean =>
  typeof u === 'number' && [s, b, a].every((part) => typeof part === 'string');

const isProblem = (frame: unknown): boolean =>
  isObject(frame) && typeof frame.code === 'number' && typeof frame.msg === 'string';
