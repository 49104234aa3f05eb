/** Answers computed the plain way: for each interval from everything that was ever put in, without tiers or tables. */

import {
  EXCHANGES,
  HISTORY_RANGES,
  type HistoryBody,
  type HistoryRange,
  type HistorySeries,
  type SourceId,
} from '../../contract/index.ts';
import type { CandleRow, SampleRow } from '../store/history-rows.ts';
import type { RsiDocument } from './rsi-points.ts';

/** A value as it was read. */
export type RawSample = Pick<SampleRow, 'series' | 'value' | 'source' | 'asOfS'>;

/** Everything that was ever put in. */
export interface Everything {
  readonly samples: readonly RawSample[];
  readonly candles: readonly CandleRow[];
  readonly document: RsiDocument;
  readonly coins: readonly string[];
  readonly nowS: number;
}

type Row = HistoryBody['rows'][number];

const DAY = 86_400;
const FINER: Readonly<Record<number, number>> = {
  300: 60,
  3600: 300,
  14400: 3600,
  86400: 3600,
};

/** The rows of an answer. */
export function directRows(all: Everything, series: HistorySeries, range: HistoryRange): Row[] {
  const { intervalS, durationS } = HISTORY_RANGES[range];
  const times: number[] = [];
  for (let time = 0; times.length < durationS / intervalS; time++) {
    times.unshift(Math.floor(all.nowS / intervalS) * intervalS - time * intervalS);
  }
  if (series === 'btc_candles') return times.flatMap(directCandles(all, intervalS));
  if (series === 'rsi_14') return directRsi(all, times, intervalS);
  if (series === 'sparklines') {
    const columns = all.coins.map((coin) => directSamples(all, `coin:${coin}`, intervalS));
    const rows = times.map((time): Row => [time, ...columns.map((column) => column(time))]);
    return rows.filter((row) => row.some((value, at) => at > 0 && value !== null));
  }
  const valueAt = directSamples(all, series === 'btc_price' ? 'coin:BTC' : series, intervalS);
  return times.map((time): Row => [time, valueAt(time)]).filter(([, value]) => value !== null);
}

function directSamples({ samples, nowS }: Everything, series: string, intervalS: number) {
  const isPrice = series.startsWith('coin:');
  const known = samples.filter((one) => one.series === series && one.asOfS <= nowS);
  const byTime = Map.groupBy(known, ({ asOfS }) => asOfS - (asOfS % intervalS));
  return (time: number): number | null => {
    const found = (byTime.get(time) ?? []).toSorted((a, b) => a.asOfS - b.asOfS);
    return found.at(isPrice ? -1 : 0)?.value ?? null;
  };
}

/** Whose candles, by length, exchange and time. */
function directCandle({ candles, nowS }: Everything) {
  const known = new Map(
    candles
      .filter(({ time }) => time <= nowS)
      .map((row) => [`${row.intervalS} ${row.source} ${row.time}`, row]),
  );
  const candleOf = (source: SourceId, intervalS: number, time: number): CandleRow | null => {
    const own = known.get(`${intervalS} ${source} ${time}`) ?? null;
    const finerS = FINER[intervalS];
    if (finerS === undefined || own?.asOfS === time + intervalS) return own;
    const parts: CandleRow[] = [];
    for (let at = time; at < time + intervalS; at += finerS) {
      const part = candleOf(source, finerS, at);
      if (part === null) break;
      parts.push(part);
      if (part.asOfS < at + finerS) break;
    }
    const last = parts.at(-1);
    if (last === undefined || (own !== null && own.asOfS >= last.asOfS)) return own;
    return together(parts, time, intervalS);
  };
  const remembered = new Map<string, CandleRow | null>();
  const remember = (source: SourceId, intervalS: number, time: number): CandleRow | null => {
    const key = `${intervalS} ${source} ${time}`;
    const before = remembered.get(key);
    if (before !== undefined) return before;
    const found = candleOf(source, intervalS, time);
    remembered.set(key, found);
    return found;
  };
  /** As they were given where one of them is complete, else as far as they can be known. */
  const all = (intervalS: number, time: number): CandleRow[] => {
    const own = EXCHANGES.flatMap((source) => known.get(`${intervalS} ${source} ${time}`) ?? []);
    if (own.some(({ asOfS }) => asOfS === time + intervalS)) return own;
    return EXCHANGES.flatMap((source) => remember(source, intervalS, time) ?? []);
  };
  return { one: remember, all };
}

function together(parts: readonly CandleRow[], time: number, intervalS: number): CandleRow {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) throw new Error('there are no parts');
  let { high, low, volume } = first;
  for (const part of parts.slice(1)) {
    high = part.high > high ? part.high : high;
    low = part.low < low ? part.low : low;
    volume += part.volume;
  }
  return { ...last, time, intervalS, open: first.open, high, low, volume };
}

function directCandles(everything: Everything, intervalS: number): (time: number) => Row[] {
  const { all } = directCandle(everything);
  const one = (time: number): CandleRow | null => {
    const known = all(intervalS, time);
    const furthest = Math.max(...known.map(({ asOfS }) => asOfS));
    return (
      known.find(({ asOfS }) => asOfS === time + intervalS) ??
      known.find(({ asOfS }) => asOfS === furthest) ??
      null
    );
  };
  return (time) => {
    const found = one(time);
    if (found === null) return [];
    return [[time, found.open, found.high, found.low, found.close, found.volume]];
  };
}

function directRsi(all: Everything, times: readonly number[], intervalS: number): Row[] {
  const { rsi_14: shown, freshness } = all.document;
  const { source: shownSource, as_of } = freshness.rsi_14;
  const { one } = directCandle(all);
  const lastHour = (source: SourceId, time: number) =>
    [0, 1, 2, 3].flatMap((hour) => one(source, 3600, time + hour * 3600) ?? []).at(-1);
  const preferred = EXCHANGES.filter((source) => source === shownSource);
  const exchanges = [...preferred, ...EXCHANGES.filter((source) => source !== shownSource)];
  const valueAt = (source: SourceId, time: number): number | null => {
    const closes: number[] = [];
    for (let day = time - (time % DAY) - DAY; closes.length < 500; day -= DAY) {
      const candle = one(source, DAY, day);
      if (candle === null || candle.asOfS < day + DAY) break;
      closes.unshift(candle.close);
    }
    const now = intervalS === 14_400 ? lastHour(source, time) : one(source, intervalS, time);
    return closes.length < 100 || !now ? null : wilder([...closes, now.close]);
  };
  const rows = times.flatMap((time): Row[] => {
    const value = exchanges.map((source) => valueAt(source, time)).find((found) => found !== null);
    return value === undefined || value === null ? [] : [[time, value]];
  });
  if (shown === null || as_of === null) return rows;
  const asOfS = Date.parse(as_of) / 1000;
  const last = asOfS - (asOfS % intervalS);
  return [...rows.filter(([time]) => time < last), [last, shown]];
}

/** Wilder's own table: fourteen changes are averaged, each later one weighs a fourteenth; two decimals. */
function wilder(closes: readonly number[]): number {
  const changes = closes.slice(1).map((close, at) => close - (closes[at] ?? 0));
  const average = (sign: number) => {
    const moves = changes.map((change) => Math.max(0, sign * change));
    const first = moves.slice(0, 14).reduce((sum, move) => sum + move, 0) / 14;
    return moves.slice(14).reduce((mean, move) => (mean * 13 + move) / 14, first);
  };
  const [gain, loss] = [average(1), average(-1)];
  if (gain === 0 && loss === 0) return 50;
  return Number((100 - 100 / (1 + gain / loss)).toFixed(2));
}
