/** A row as it stands in a file: keys of the wire, checked before it is a row of ours. */

import * as v from 'valibot';
import { SOURCE_IDS, toWireTime } from '../../contract/index.ts';
import { BTC_CANDLES, COLUMNS, type MovedRow, sampleSeriesOf, whyUnsound } from './moved-row.ts';

/** Values by their columns, without the series and without what the row does not have. */
export type RowRecord = Readonly<Record<string, string | number>>;

/** Of the file a row, or why it is none. */
export type Read = MovedRow | { readonly kind: 'wrong'; readonly reason: string };

const WHOLE = v.pipe(v.number('must be a number'), v.safeInteger('must be a whole number'));
/** A zero below zero is a zero. */
const NUMBER = v.pipe(
  v.number('must be a number'),
  v.finite('must be a finite number'),
  v.transform((value) => value + 0),
);
/** Seconds since 1970. */
const WIRE_TIME = v.pipe(
  v.string('must be a time such as 2026-11-23T07:00:00Z'),
  v.check(
    (text) => Date.parse(text) >= 0 && toWireTime(Date.parse(text)) === text,
    'must be a time such as 2026-11-23T07:00:00Z',
  ),
  v.transform((text) => Date.parse(text) / 1000),
);
const PLACE = {
  interval_s: v.pipe(WHOLE, v.minValue(1, 'must be above 0')),
  time: WHOLE,
};
const ORIGIN = { source: v.picklist(SOURCE_IDS, 'must be one that is known'), as_of: WIRE_TIME };
const NOT_HERE = 'is missing, or is there and should not be';

const SAMPLE = v.strictObject({ ...PLACE, value: NUMBER, ...ORIGIN }, NOT_HERE);
const CANDLE = v.strictObject(
  {
    ...PLACE,
    ...{ open: NUMBER, high: NUMBER, low: NUMBER, close: NUMBER, volume: NUMBER },
    ...ORIGIN,
  },
  NOT_HERE,
);

/** What a row is written as, in the order of the columns. */
export function recordOf({ kind, row }: MovedRow): RowRecord {
  const { intervalS: interval_s, time, source } = row;
  const as_of = toWireTime(row.asOfS * 1000);
  if (kind === 'sample') return { interval_s, time, value: row.value, source, as_of };
  const { open, high, low, close, volume } = row;
  return { interval_s, time, open, high, low, close, volume, source, as_of };
}

/**
 * Reads a row of a file.
 * @param name of its series
 * @param nowS seconds since 1970
 */
export function readRecord(name: string, record: unknown, nowS: number): Read {
  const moved = name === BTC_CANDLES ? readCandle(record) : readSample(name, record);
  if (moved.kind === 'wrong') return moved;
  const reason = whyUnsound(moved, nowS);
  return reason === null ? moved : { kind: 'wrong', reason };
}

function readSample(name: string, record: unknown): Read {
  const series = sampleSeriesOf(name);
  if (series === null) return { kind: 'wrong', reason: 'series is none that is kept' };
  const parsed = v.safeParse(SAMPLE, record, { abortEarly: true });
  if (!parsed.success) return wrong(parsed.issues[0]);
  const { interval_s: intervalS, time, value, source, as_of: asOfS } = parsed.output;
  return { name, kind: 'sample', row: { series, intervalS, time, value, source, asOfS } };
}

function readCandle(record: unknown): Read {
  const parsed = v.safeParse(CANDLE, record, { abortEarly: true });
  if (!parsed.success) return wrong(parsed.issues[0]);
  const { interval_s: intervalS, as_of: asOfS, ...rest } = parsed.output;
  return { name: BTC_CANDLES, kind: 'candle', row: { ...rest, intervalS, asOfS } };
}

/** Of keys only those of ours are named. */
function wrong(issue: v.BaseIssue<unknown>): Read {
  const key = issue.path?.[0]?.key;
  const column = COLUMNS.find((name) => name === key);
  const what = column ?? (issue.path === undefined ? 'the row' : 'a key that no row has');
  return { kind: 'wrong', reason: `${what} ${issue.message}` };
}
