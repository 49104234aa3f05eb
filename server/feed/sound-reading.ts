/** The last door before the document: what a reading says is in range and of a time that can be, or it is dropped. */

import {
  EARLIEST_MS,
  isAccepted,
  MARKET_KEYS,
  MARKET_KINDS,
  MAX_AHEAD_MS,
} from '../../contract/index.ts';
import type {
  CandlesReading,
  CoinReading,
  EtfReading,
  FngReading,
  MarketReading,
  Reading,
} from '../sources/source.ts';

/**
 * The reading with every side figure that is out of range made unknown; `null` when the main figure is, or when its
 * times are none. No figure is shown as newer than its receipt, and an upstream's time far ahead of it orders nothing.
 * Sources check their answers too.
 */
export function soundReading(reading: Reading): Reading | null {
  const { receivedAtMs, eventTimeMs } = reading;
  const asOfMs = Math.min(reading.asOfMs, receivedAtMs);
  if (!Number.isFinite(asOfMs) || asOfMs < EARLIEST_MS) return null;
  const sound = soundFigures(reading);
  if (sound === null) return null;
  const counts = eventTimeMs !== null && eventTimeMs <= receivedAtMs + MAX_AHEAD_MS;
  return { ...sound, asOfMs, eventTimeMs: counts ? eventTimeMs : null };
}

function soundFigures(reading: Reading): Reading | null {
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
      return soundCandles(reading);
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

/** Of a day that has not begun nobody can know the prices. */
function soundCandles(reading: CandlesReading): CandlesReading | null {
  const newest = reading.value.at(-1);
  const isDated = newest !== undefined && newest[0] <= reading.receivedAtMs + MAX_AHEAD_MS;
  const isPriced = reading.value.every(([, , , , close]) => isAccepted('price', close));
  return isDated && isPriced ? reading : null;
}
