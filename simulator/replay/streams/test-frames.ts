/** Frames of a test's own. */

import type { RecordedFrame } from './recorded-frame.ts';

/** 20 November 2026, 16:20 UTC: when the frames of tests happen. */
export const RECORDED_MS = Date.UTC(2026, 10, 20, 16, 20);

/** A frame as if it had been read from a file. */
export const frame = (text: string, rest: Partial<RecordedFrame> = {}): RecordedFrame => ({
  file: 'ws.jsonl',
  text,
  receivedAtMs: null,
  ...rest,
});

/** Binance's ticker of a pair, `atMs` after {@link RECORDED_MS}. */
export const binanceTicker = (pair: string, price: string, atMs: number): string =>
  `{"e":"24hrMiniTicker","E":${RECORDED_MS + atMs},"s":"${pair}","c":"${price}","o":"1.00"}`;

/** Coinbase's, of the same moment. */
export const coinbaseTicker = (product: string, price: string, atMs: number): string =>
  `{"type":"ticker","product_id":"${product}","price":"${price}","time":"${micros(atMs)}"}`;

/** Kraken's, of the same moment. */
export const krakenTicker = (pair: string, price: string, atMs: number): string =>
  `{"channel":"ticker","type":"update","data":[{"symbol":"${pair}","last":${price},"timestamp":"${micros(atMs)}"}]}`;

const micros = (atMs: number): string =>
  new Date(RECORDED_MS + atMs).toISOString().replace('Z', '417Z');
