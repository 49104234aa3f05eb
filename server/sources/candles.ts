/** Candles of any length, whoever sends them: the schemas of what is sent, and how a list of them is put in order. */

import { check, number, pipe, safeInteger, transform } from 'valibot';
import { EARLIEST_MS } from '../../contract/index.ts';
import { decimalText, figure } from './figure.ts';
import type { Candle } from './source.ts';

/** The most that any of the exchanges ever sends in one answer: Binance's own maximum. */
export const MAX_CANDLES = 1000;

/** A candle opens at a multiple of its length (UTC); one that does not is of another length or of another zone. */
const opens = (intervalMs: number) =>
  check((ms: number) => ms >= EARLIEST_MS && ms % intervalMs === 0);

/** When a candle of a length opened, sent in ms since 1970. */
export const openTimeMs = (intervalMs: number) => pipe(number(), safeInteger(), opens(intervalMs));

/** When a candle of a length opened, sent in seconds since 1970; ms when read. */
export const openTimeS = (intervalMs: number) =>
  pipe(
    number(),
    safeInteger(),
    transform((seconds) => seconds * 1000),
    opens(intervalMs),
  );

/** A price that is sent as text. */
export const priceText = () => pipe(decimalText(), figure('price'));

const notNegative = () => check((value: number) => value >= 0);

/** A candle without a trade has volume 0. */
export const volume = () => pipe(number(), notNegative());

/** As {@link volume}, sent as text. */
export const volumeText = () => pipe(decimalText(), notNegative());

/** Oldest first, each once; one that was sent twice counts as sent last. */
export function inOrder(candles: readonly Candle[]): readonly Candle[] {
  const byOpenTime = new Map(candles.map((candle) => [candle[0], candle]));
  return [...byOpenTime.values()].sort((a, b) => a[0] - b[0]);
}
