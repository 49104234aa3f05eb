/** Which readings the feed takes: in range, and in the order of their own connection. */

import { isAccepted, MARKET_KEYS, MARKET_KINDS, type SourceId } from '../../contract/index.ts';
import type {
  CoinReading,
  EtfReading,
  FngReading,
  MarketReading,
  Reading,
} from '../sources/source.ts';

/** What a reading is about: `market`, `fng`, `candles`, `rsi_14_taapi`, `coin:<SYMBOL>` or `etf:<SYMBOL>`. */
export type Slot =
  | 'market'
  | 'fng'
  | 'candles'
  | 'rsi_14_taapi'
  | `coin:${string}`
  | `etf:${string}`;

/** The slot of a reading. */
export const slotOf = (reading: Reading): Slot =>
  reading.figure === 'coin' || reading.figure === 'etf'
    ? `${reading.figure}:${reading.symbol}`
    : reading.figure;

/** The newest reading of every source, by slot. */
export interface LatestReadings {
  /** @returns whether the reading was taken: it is in range and not older than the last of its connection */
  take(reading: Reading): boolean;
  /** The newest reading of `source` for `slot`, if there is one. */
  get(slot: Slot, source: SourceId): Reading | null;
}

/** Starts without any reading: what was inherited is the document's business. */
export function createLatestReadings(): LatestReadings {
  const held = new Map<string, Reading>();
  const keyOf = (slot: Slot, source: SourceId) => `${slot} ${source}`;
  return {
    take(reading) {
      const sound = soundReading(reading);
      if (sound === null) return false;
      const key = keyOf(slotOf(sound), sound.source);
      const last = held.get(key);
      if (last && isOlder(sound, last)) return false;
      held.set(key, sound);
      return true;
    },
    get: (slot, source) => held.get(keyOf(slot, source)) ?? null,
  };
}

/** Order is judged only within one connection, and only by the upstream's own time. */
const isOlder = (reading: Reading, last: Reading): boolean =>
  reading.connection === last.connection &&
  reading.eventTimeMs !== null &&
  last.eventTimeMs !== null &&
  reading.eventTimeMs < last.eventTimeMs;

/**
 * The reading with every side figure that is out of range made unknown; `null` when the main figure is.
 * Sources check their answers too; this is the last door before the document.
 */
function soundReading(reading: Reading): Reading | null {
  if (!Number.isFinite(reading.asOfMs)) return null;
  switch (reading.figure) {
    case 'market':
      return soundMarket(reading);
    case 'coin':
    case 'etf':
      return soundCoin(reading);
    case 'fng':
      return soundFng(reading);
    case 'rsi_14_taapi':
      return isAccepted('rsi', reading.value) ? reading : null;
    case 'candles':
      return reading.value.every(([, , , , close]) => isAccepted('price', close)) ? reading : null;
  }
}

function soundMarket(reading: MarketReading): MarketReading | null {
  const value = { ...reading.value };
  for (const key of MARKET_KEYS) {
    if (!isAccepted(MARKET_KINDS[key], value[key])) value[key] = null;
  }
  return value.market_cap === null ? null : { ...reading, value };
}

function soundCoin<R extends CoinReading | EtfReading>(reading: R): R | null {
  const { price_usd, change_24h, high_24h, low_24h, volume_24h_usd } = reading.value;
  if (!isAccepted('price', price_usd)) return null;
  return {
    ...reading,
    value: {
      price_usd,
      change_24h: isAccepted('percent', change_24h) ? change_24h : null,
      high_24h: isAccepted('price', high_24h) ? high_24h : null,
      low_24h: isAccepted('price', low_24h) ? low_24h : null,
      volume_24h_usd: isAccepted('amount', volume_24h_usd) ? volume_24h_usd : null,
    },
  };
}

function soundFng(reading: FngReading): FngReading | null {
  if (!isAccepted('fng', reading.value.value)) return null;
  const { yesterday, last_week, last_month } = reading.value.history;
  const sound = <T extends { value: number }>(entry: T | null) =>
    entry !== null && isAccepted('fng', entry.value) ? entry : null;
  return {
    ...reading,
    value: {
      ...reading.value,
      history: {
        yesterday: sound(yesterday),
        last_week: sound(last_week),
        last_month: sound(last_month),
      },
    },
  };
}
