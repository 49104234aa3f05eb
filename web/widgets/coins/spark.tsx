/** What a coin did in a week: a small line at the end of its row. */

import type { ReadonlySignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { HISTORY_RANGES, SPARKLINE_RANGE } from '../../../contract/index.ts';
import { directionOf } from '../../format/index.ts';
import type { ShownHistory } from '../../live/index.ts';
import { Sparkline, type TimedValue } from '../../ui/index.ts';
import { moveText, percentBetween } from '../move.ts';
import type { Words } from '../widget.ts';

/** Pixels, as `--spark-width` and `--spark-height`. */
const WIDTH = 96;
const HEIGHT = 28;

const { durationS, intervalS } = HISTORY_RANGES[SPARKLINE_RANGE];

/** See {@link Spark}. */
export interface SparkProps {
  readonly words: Words;
  readonly symbol: string;
  readonly name: string;
  /** The prices of all coins beside each other. */
  readonly week: ReadonlySignal<ShownHistory>;
}

/** An empty box of its size until there is something to draw. A new price draws its row, and not this. */
export function Spark({ words, symbol, name, week }: SparkProps) {
  const shown = week.value;
  return useMemo(() => draw(words, symbol, name, shown), [words, symbol, name, shown]);
}

function draw(words: Words, symbol: string, name: string, shown: ShownHistory) {
  const points = pointsOf(shown, symbol);
  const values = points.flatMap(({ value }) => value ?? []);
  const [first, last] = [values[0], values.at(-1)];
  const isKnown = first !== undefined && last !== undefined;
  const to = points.at(-1)?.time ?? 0;
  return (
    <Sparkline
      points={points}
      stepS={intervalS}
      from={to - durationS + intervalS}
      to={to}
      width={WIDTH}
      height={HEIGHT}
      tone={isKnown ? directionOf(percentBetween(first, last)) : 'flat'}
      label={
        isKnown ? words.t('spark.summary', { coin: name, move: moveText(words, first, last) }) : ''
      }
    />
  );
}

function pointsOf(shown: ShownHistory, symbol: string): readonly TimedValue[] {
  if (shown.state !== 'ready') return [];
  const { columns, rows } = shown.body;
  const at = columns.indexOf(symbol);
  return at < 0 ? [] : rows.map((row) => ({ time: row[0], value: row[at] ?? null }));
}
