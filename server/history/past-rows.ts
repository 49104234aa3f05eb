/** What upstreams answer of the past, as rows. Pure. */

import { BASE_COIN, coinSeries, isAccepted } from '../../contract/index.ts';
import type { CandleRow, Keeps, SampleRow } from '../store/history-rows.ts';
import type { CandleAnswer, PastAnswer, PastCandle } from './past.ts';
import { FIGURE_SERIES } from './series.ts';
import { bucketOf, rowsInTiers } from './tiers.ts';

/** Rows of one answer. */
export interface PastRows {
  readonly samples: readonly SampleRow[];
  /** How the samples are kept. */
  readonly keeps: Keeps;
  readonly candles: readonly CandleRow[];
}

/** Candles that are kept besides the minutes they are built from. */
const BUILT_S = 300;
const MINUTE_S = 60;

/** What is no figure, no interval's beginning, or of another time than was asked for is left out. */
export const pastRows = (answer: PastAnswer): PastRows =>
  answer.kind === 'fng' ? indexRows(answer) : candleRows(answer);

function indexRows({ source, days }: Extract<PastAnswer, { kind: 'fng' }>): PastRows {
  const { kind, keeps, finestS } = FIGURE_SERIES.fng;
  const samples = days
    .filter(({ time, value }) => Number.isInteger(time) && time > 0 && isAccepted(kind, value))
    .flatMap(({ time, value }) =>
      rowsInTiers({ series: 'fng', value, source, asOfS: time }, time, finestS),
    );
  return { samples, keeps, candles: [] };
}

function candleRows(answer: CandleAnswer): PastRows {
  const { source, symbol, intervalS, receivedAtS } = answer;
  const sound = { ...answer, candles: answer.candles.filter((one) => isSound(one, answer)) };
  const series = coinSeries(symbol);
  const samples = sound.candles.flatMap(({ time, close }) =>
    rowsInTiers(
      { series, value: close, source, asOfS: Math.min(receivedAtS, time + intervalS) },
      time,
      intervalS,
    ),
  );
  return {
    samples: newestOfEach(samples),
    keeps: 'last',
    candles:
      symbol === BASE_COIN
        ? [
            ...sound.candles.map((candle) => rowOf(candle, sound, intervalS)),
            ...(intervalS === MINUTE_S ? built(sound) : []),
          ]
        : [],
  };
}

function isSound(candle: PastCandle, { intervalS, fromS, toS, receivedAtS }: CandleAnswer) {
  const { time, open, high, low, close, volume } = candle;
  return (
    time >= fromS &&
    time < toS &&
    time <= receivedAtS &&
    bucketOf(time, intervalS) === time &&
    [open, high, low, close].every((price) => isAccepted('price', price)) &&
    Number.isFinite(volume) &&
    volume >= 0
  );
}

const rowOf = (
  { time, open, high, low, close, volume }: PastCandle,
  { source, receivedAtS }: Pick<CandleAnswer, 'source' | 'receivedAtS'>,
  intervalS: number,
): CandleRow => ({
  ...{ intervalS, time, open, high, low, close, volume, source },
  asOfS: Math.min(receivedAtS, time + intervalS),
});

/** Of the five minutes that lie in the answer whole; one in which nothing was traded has no candle. */
function built(answer: CandleAnswer): readonly CandleRow[] {
  const { fromS, toS, receivedAtS, candles } = answer;
  // The open one is whole as far as it goes.
  const endS = toS >= receivedAtS ? Number.POSITIVE_INFINITY : toS;
  const isWhole = (time: number) => time >= fromS && time + BUILT_S <= endS;
  const spans = Map.groupBy(candles, ({ time }) => bucketOf(time, BUILT_S));
  return [...spans].flatMap(([time, minutes]) => {
    const [first, last] = [minutes[0], minutes.at(-1)];
    if (first === undefined || last === undefined || !isWhole(time)) return [];
    const candle = {
      time,
      open: first.open,
      high: Math.max(...minutes.map(({ high }) => high)),
      low: Math.min(...minutes.map(({ low }) => low)),
      close: last.close,
      volume: minutes.reduce((sum, { volume }) => sum + volume, 0),
    };
    return [rowOf(candle, answer, BUILT_S)];
  });
}

/** Candles come oldest first, so that of one interval the last sample is the newest: the others would be overwritten. */
const newestOfEach = (samples: readonly SampleRow[]): readonly SampleRow[] => [
  ...new Map(samples.map((row) => [`${row.intervalS} ${row.time}`, row] as const)).values(),
];
