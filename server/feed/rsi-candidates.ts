/** What there is for the daily RSI(14): one exchange's candles with its own running price; TAAPI's while there are none. */

import {
  BASE_COIN,
  MAX_AHEAD_MS,
  type SourceId,
  STALE_AFTER_S,
  toWire,
} from '../../contract/index.ts';
import { fromEntry, fromHeld, inOrder, type Known, taapiCandidates } from './candidates.ts';
import { CANDLE_SOURCES, type Candidate } from './choice.ts';
import { livePrice } from './exchanges.ts';
import { DAY_MS, type RunningCandles } from './running-candles.ts';

/** What the RSI is computed from. */
export interface RsiKnown extends Known {
  readonly running: RunningCandles;
  /** ms since 1970. */
  readonly nowMs: number;
}

/** Whose stream brings the price now comes before those with candles alone; within each the order of preference holds. */
export function rsiCandidates(known: RsiKnown): Candidate<number>[] {
  const { inherited, staleAfterS } = known;
  const entry = inherited.freshness.rsi_14;
  const isFromCandles = entry.source !== null && entry.source !== 'taapi';
  const held =
    inherited.rsi_14 === null || !isFromCandles
      ? null
      : fromEntry(entry, staleAfterS.rsi_14, inherited.rsi_14);
  const fromCandles = inOrder(
    known,
    CANDLE_SOURCES,
    (source) => runningCandidate(known, source),
    held && endingBy(held, lastMomentOfDay(held.asOfMs)),
  );
  const isPreferred = ({ source, isInherited }: Candidate<number>) =>
    isInherited || hasLiveBase(known, source);
  const ordered = [
    ...fromCandles.filter(isPreferred),
    ...fromCandles.filter((candidate) => !isPreferred(candidate)),
  ];
  // A number inherited from candles is preferred only while it stands: the candles themselves are not known.
  const areKnown = CANDLE_SOURCES.some((source) => hasCandles(known, source));
  return areKnown ? ordered : [...ordered, ...taapiCandidates(known)];
}

/** Whether an exchange has candles from which an RSI can be told, up to today or yesterday in UTC. */
export function hasCandles(
  { running, nowMs }: Pick<RsiKnown, 'running' | 'nowMs'>,
  source: SourceId,
): boolean {
  const newestMs = running.newestFetchedMs(source);
  if (newestMs === null || running.rsi(source, null, false) === null) return false;
  return lastMomentOfDay(newestMs) + DAY_MS >= nowMs;
}

/** Whether an exchange streams a price of BTC that is shown or could be. */
export const hasLiveBase = (
  { latest, isAside, nowMs }: Pick<RsiKnown, 'latest' | 'isAside' | 'nowMs'>,
  source: SourceId,
): boolean => !isAside(source) && livePrice(latest, source, BASE_COIN, nowMs) !== null;

function runningCandidate(known: RsiKnown, source: SourceId): Candidate<number> | null {
  const { latest, running, isAside, nowMs } = known;
  const mayUsePrices = !isAside(source);
  const live = mayUsePrices ? livePrice(latest, source, BASE_COIN, nowMs) : null;
  const rsi = running.rsi(source, live, mayUsePrices);
  if (rsi === null) return null;
  const { value, close, endMs } = rsi;
  const isPrice = close.figure === 'coin';
  const staleAfterS = isPrice ? STALE_AFTER_S.streamedRsi : close.staleAfterS;
  const asOfMs = Math.min(close.asOfMs, endMs);
  // Of what has come, only the newest was lost when the clock turned out to have been ahead. And the open candle of an
  // exchange that is set aside closes at the price for which it is.
  const isLost = close.isLost || close.asOfMs > nowMs + MAX_AHEAD_MS || isAside(source);
  return endingBy(fromHeld({ ...close, staleAfterS, asOfMs, isLost }, toWire(value)), endMs);
}

/** Live only on the UTC day of the newest candle. */
const endingBy = (candidate: Candidate<number>, endMs: number): Candidate<number> => ({
  ...candidate,
  staleAtMs: Math.min(candidate.staleAtMs, endMs),
});

const lastMomentOfDay = (ms: number): number => (Math.floor(ms / DAY_MS) + 1) * DAY_MS - 1;
