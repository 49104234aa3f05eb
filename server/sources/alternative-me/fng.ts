/** alternative.me's `/fng/`: 31 days of the index, newest first. */

import {
  type InferOutput,
  integer,
  maxValue,
  minValue,
  null_,
  nullish,
  object,
  optional,
  pipe,
  unknown,
} from 'valibot';
import { type FngValue, STALE_AFTER_S } from '../../../contract/index.ts';
import { decimalText, figure, orNull } from '../figure.ts';
import { provenance, unixSeconds } from '../provenance.ts';
import { rows } from '../rows.ts';
import { definePoll, type Receipt } from '../source.ts';
import { DAY_MS, hourlyAndWhenDue } from './clock.ts';
import { labelOf } from './label.ts';

/** With the slash at the end; without it the upstream redirects. */
export const ROUTE = '/fng/';

/** Today and the thirty days before. */
const DAYS = 31;

/** Three times what is asked for. */
const MAX_DAYS = 100;

/** Twenty times 31 days of 90 bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** An index of the day is not announced for later than this; more is a mistake. */
const MAX_UNTIL_UPDATE_S = 2 * 24 * 3600;

/** The announced moment is rounded to this, so that a few seconds of transport do not change it at every poll. */
const NEXT_UPDATE_STEP_MS = 5 * 60 * 1000;

/** Numbers are texts here. A stamp that is a date text is another format than was asked for: not an answer. */
const day = object({
  value: orNull(pipe(decimalText(), figure('fng'))),
  value_classification: optional(unknown()),
  timestamp: pipe(decimalText(), integer(), unixSeconds()),
  time_until_update: orNull(pipe(decimalText(), minValue(0), maxValue(MAX_UNTIL_UPDATE_S))),
});

/** An answer of so many days at most. */
export const schema = (maxDays: number) =>
  object({
    data: rows(day, 1, maxDays),
    // Holds the upstream's message when something went wrong.
    metadata: nullish(object({ error: nullish(null_()) })),
  });

type Day = InferOutput<typeof day>;

/** https://alternative.me/crypto/fear-and-greed-index/#api */
export const fngPoll = definePoll({
  source: 'alternative_me',
  route: ROUTE,
  gives: 'fng',
  ownClock: hourlyAndWhenDue,
  request: () => ({
    path: ROUTE,
    query: { limit: String(DAYS), format: 'json' },
    maxBodyBytes: MAX_BODY_BYTES,
  }),
  schema: schema(MAX_DAYS),
  normalise: ({ data }, receipt) => {
    const days = data.toSorted((a, b) => b.timestamp - a.timestamp);
    const [newest] = days;
    const today = newest && fngOf(newest);
    if (!newest || !today) return [];
    return [
      {
        ...provenance('alternative_me', ROUTE, newest.timestamp, receipt, STALE_AFTER_S.fng),
        figure: 'fng',
        value: {
          ...today,
          nextUpdateAtMs: nextUpdateAtMs(newest, receipt),
          history: {
            yesterday: valueBefore(days, newest, 1),
            last_week: valueBefore(days, newest, 7),
            last_month: valueBefore(days, newest, 30),
          },
        },
      },
    ];
  },
});

const fngOf = ({ value, value_classification }: Day): FngValue | null =>
  value === null ? null : { value, label: labelOf(value, value_classification) };

/** The value of the calendar day (UTC) so many days before; the series has holes, so it is not the n-th element. */
function valueBefore(days: readonly Day[], newest: Day, count: number): FngValue | null {
  const wanted = dayNumber(newest.timestamp) - count;
  const found = days.find(({ timestamp }) => dayNumber(timestamp) === wanted);
  return found ? fngOf(found) : null;
}

const dayNumber = (ms: number): number => Math.floor(ms / DAY_MS);

function nextUpdateAtMs({ time_until_update }: Day, receipt: Receipt): number | null {
  if (time_until_update === null) return null;
  const at = receipt.receivedAtMs + (time_until_update - receipt.ageS) * 1000;
  return Math.round(at / NEXT_UPDATE_STEP_MS) * NEXT_UPDATE_STEP_MS;
}
