/** What an exchange's frames look like: enough to tell whose a recorded frame is, what it prices, and which times it has. */

import type { Exchange } from '../../ticker.ts';
import type { JsonObject } from '../recording.ts';

/** What a ticker says of itself. */
export interface TickerHead {
  /** As the exchange writes it. */
  readonly pair: string;
  /** What is priced, when it is priced in what the server takes for US dollars. */
  readonly symbol: string | null;
  /** Of the event, ms since 1970; `null` when it has none. */
  readonly timeMs: number | null;
}

/** The frames of one exchange: one plain object in one file. */
export interface FrameShape {
  readonly id: Exchange;
  /** Whether it is something the exchange publishes: a price, a candle, a trade. */
  publishes(frame: unknown): boolean;
  /** Whether it belongs to a conversation with the exchange: a request, an acknowledgement, an error. */
  converses(frame: JsonObject): boolean;
  /** `null` when an object, as it stands in a frame, is no ticker. */
  ticker(part: JsonObject): TickerHead | null;
  /** A ticker's own text as a frame of its own. */
  alone(ticker: string): string;
  /** When what a frame tells of happened, ms since 1970; none for a frame without such a time. */
  eventTimesMs(text: string): readonly number[];
  /** Moves every time. */
  move(text: string, byMs: number): string;
}

/** The symbol of a pair with one of these endings; `null` for a pair with another. */
export const symbolBefore = (ending: string, pair: string): string | null =>
  pair.endsWith(ending) && /^[A-Z0-9]{1,12}$/.test(pair.slice(0, -ending.length))
    ? pair.slice(0, -ending.length)
    : null;

/** Every time in ISO 8601 that stands behind one of `keys`, ms since 1970. */
export const isoTimesAt = (keys: string, text: string): readonly number[] =>
  [...text.matchAll(new RegExp(`"(?:${keys})"\\s*:\\s*"(\\d{4}-[^"]+)"`, 'g'))].flatMap(
    ([, time = '']) => isoMs(time) ?? [],
  );

/** ms since 1970; `null` for what is no time. */
export function isoMs(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
