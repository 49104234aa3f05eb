/** Turns what one connection to an exchange brings into readings that look no fresher than they are. */

import { MAX_AHEAD_MS, type SourceId, STALE_AFTER_S } from '../../contract/index.ts';
import type { CoinReading } from './source.ts';
import type { Frame, StreamedPrice } from './stream.ts';

/** The readings of one connection; made anew for every connection, since order is judged within one only. */
export interface ConnectionReadings {
  /**
   * The frame's prices that are news, then the coins that it shows to be as they were.
   * @param receivedAtMs wall clock, ms since 1970
   */
  prices(frame: Extract<Frame, { kind: 'prices' }>, receivedAtMs: number): readonly CoinReading[];
  /**
   * The coins that a frame without prices shows to be as they were.
   * @param eventTimeMs the exchange's own time of the frame, ms since 1970; `null` when it has none
   */
  alive(eventTimeMs: number | null, receivedAtMs: number): readonly CoinReading[];
  /**
   * Whether the last frame was later, by the exchange's own time, than all before it, or has no time: one that says the
   * same moment again and again is no sign of life.
   */
  isGoingOn(): boolean;
  /** How late frames come, by the newest that told its time, ms; negative when the exchange's clock is ahead of ours. */
  lagMs(): number;
}

/** A quiet coin's time moves by no less: a quarter of what makes it stale, and no more news than that needs. */
export const MOVE_INTERVAL_MS = 15_000;
/**
 * An event that is further back was told by a clock that was set back. While a clock catches up with less than that, a price
 * that is held meanwhile grows no older than a live one may be.
 */
export const SET_BACK_MS = 1000 * STALE_AFTER_S.streamedPrice;

/** What is known of a coin on this connection. */
interface Held {
  readonly reading: CoinReading;
  /** The newest time an event of it had; the reading's own may be unknown. */
  readonly newestMs: number | null;
  /** It was told of since, with the time of a clock that was set back: that the price is as it was is not known any more. */
  readonly isDoubted: boolean;
}

/** @param connection a name that no other connection of this process has */
export function createConnectionReadings(source: SourceId, connection: string): ConnectionReadings {
  /** By symbol; a stream gives prices only of the coins that are shown. */
  const held = new Map<string, Held>();
  const timeline = createTimeline();

  const take = (price: StreamedPrice, receivedAtMs: number): CoinReading | null => {
    const { symbol, value } = price;
    const eventTimeMs = counted(price.eventTimeMs, receivedAtMs);
    const last = held.get(symbol);
    if (last !== undefined && isOld(eventTimeMs, value, last)) {
      if (isFarBack(eventTimeMs, last)) held.set(symbol, { ...last, isDoubted: true });
      return null;
    }
    const reading: CoinReading = {
      source,
      connection,
      figure: 'coin',
      symbol,
      eventTimeMs,
      asOfMs: noEarlier(timeline.asOfMs(eventTimeMs, receivedAtMs), last, receivedAtMs),
      receivedAtMs,
      staleAfterS: STALE_AFTER_S.streamedPrice,
      value,
    };
    const newestMs = eventTimeMs ?? last?.newestMs ?? null;
    held.set(symbol, { reading, newestMs, isDoubted: false });
    return reading;
  };

  const move = (asOfMs: number, receivedAtMs: number): CoinReading[] => {
    const moved: CoinReading[] = [];
    for (const [symbol, last] of held) {
      const { reading } = last;
      // Of a time to come: our clock was set back.
      const isDue = asOfMs - reading.asOfMs >= MOVE_INTERVAL_MS || reading.asOfMs > receivedAtMs;
      if (last.isDoubted || !isDue) continue;
      const later = { ...reading, asOfMs, receivedAtMs };
      held.set(symbol, { ...last, reading: later });
      moved.push(later);
    }
    return moved;
  };

  return {
    prices(frame, receivedAtMs) {
      const timeMs = newestOf(frame.prices, receivedAtMs);
      timeline.heard(timeMs, receivedAtMs);
      const news = frame.prices.flatMap((price) => take(price, receivedAtMs) ?? []);
      return [...news, ...move(timeline.asOfMs(timeMs, receivedAtMs), receivedAtMs)];
    },
    isGoingOn: timeline.isGoingOn,
    lagMs: timeline.lagMs,
    alive(eventTimeMs, receivedAtMs) {
      const timeMs = counted(eventTimeMs, receivedAtMs);
      timeline.heard(timeMs, receivedAtMs);
      return move(timeline.asOfMs(timeMs, receivedAtMs), receivedAtMs);
    },
  };
}

/** How late a connection's frames come. */
function createTimeline() {
  let newestMs = Number.NEGATIVE_INFINITY;
  let lagMs = 0;
  let isGoingOn = true;
  return {
    isGoingOn: () => isGoingOn,
    lagMs: () => lagMs,
    /** Only what is newer than all before it says how late the connection is; a quiet coin's last trade is just old. */
    heard(timeMs: number | null, receivedAtMs: number): void {
      isGoingOn = timeMs === null || timeMs > newestMs;
      if (timeMs === null || timeMs <= newestMs) return;
      newestMs = timeMs;
      lagMs = receivedAtMs - timeMs;
    },
    /** What a frame without a time says is as late as the newest that had one; never ahead of us, though clocks may be. */
    asOfMs: (timeMs: number | null, receivedAtMs: number): number =>
      Math.min(timeMs ?? receivedAtMs - lagMs, receivedAtMs),
  };
}

/** A time too far ahead of our clock is none. */
const counted = (timeMs: number | null, receivedAtMs: number): number | null =>
  timeMs !== null && timeMs <= receivedAtMs + MAX_AHEAD_MS ? timeMs : null;

/** The newest time in a frame; `null` when none counts. */
function newestOf(prices: readonly StreamedPrice[], receivedAtMs: number): number | null {
  const times = prices.flatMap(({ eventTimeMs }) => counted(eventTimeMs, receivedAtMs) ?? []);
  return times.length === 0 ? null : Math.max(...times);
}

/** Older than the coin's newest event, or the very same again. */
function isOld(
  eventTimeMs: number | null,
  value: StreamedPrice['value'],
  { reading, newestMs }: Held,
): boolean {
  if (eventTimeMs === null || newestMs === null) return false;
  return eventTimeMs < newestMs || (eventTimeMs === newestMs && isSame(value, reading.value));
}

/** Further back than events come late. */
const isFarBack = (eventTimeMs: number | null, { newestMs }: Held): boolean =>
  eventTimeMs !== null && newestMs !== null && eventTimeMs < newestMs - SET_BACK_MS;

/**
 * A coin that a later frame has shown to be as it was does not become older by an event from before that frame, which came
 * after it: nothing newer has happened to it. What was taken for its receipt's time is corrected by a time.
 */
const noEarlier = (asOfMs: number, last: Held | undefined, receivedAtMs: number): number =>
  last === undefined || last.newestMs === null
    ? asOfMs
    : Math.max(asOfMs, Math.min(last.reading.asOfMs, receivedAtMs));

const isSame = (a: StreamedPrice['value'], b: StreamedPrice['value']): boolean =>
  a.price_usd === b.price_usd &&
  a.change_24h === b.change_24h &&
  a.high_24h === b.high_24h &&
  a.low_24h === b.low_24h &&
  a.volume_24h_usd === b.volume_24h_usd;
