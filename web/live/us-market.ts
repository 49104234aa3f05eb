/** When the US market is closed for certain. */

import type { Coin } from '../../contract/index.ts';
import { type Judgement, judge } from './standing.ts';

/** The regular session of NYSE and Nasdaq, minutes after midnight in New York. */
const OPENS_AT = 9 * 60 + 30;
const CLOSES_AT = 16 * 60;
const WEEKEND = ['Sat', 'Sun'];

let newYork: Intl.DateTimeFormat | null = null;

/** Making a format costs a thousand times what using it does, and most pages show no fund at all. */
const format = (): Intl.DateTimeFormat => {
  newYork ??= new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/New_York',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return newYork;
};

/**
 * Whether the regular session is over, or not begun, at this moment in New York. Holidays and early closes are not
 * known here: on those days a session is thought to go on.
 * @param nowMs since 1970
 */
export function isOutsideSession(nowMs: number): boolean {
  const parts = format().formatToParts(nowMs);
  const read = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((part) => part.type === type)?.value ?? '';
  const minutes = Number(read('hour')) * 60 + Number(read('minute'));
  return WEEKEND.includes(read('weekday')) || minutes < OPENS_AT || minutes >= CLOSES_AT;
}

/**
 * Whether the page may say that the market is closed: no session is on, and the prices stand still for that. Prices
 * that go on moving (trading after hours), or that stand still during a session, for whatever reason, are not called
 * so; nor is anything said of now by a page that is held.
 * @param isOutside see {@link isOutsideSession}
 */
export function isMarketClosed(
  funds: Readonly<Record<string, Coin>> | null,
  judgement: Judgement,
  isOutside: boolean,
): boolean {
  if (judgement.isHeld || !isOutside) return false;
  const states = Object.values(funds ?? {}).map((fund) => judge(fund, judgement));
  return states.includes('stale') && !states.includes('live');
}
