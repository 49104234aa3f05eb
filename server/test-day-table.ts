/** For tests: a day of trouble as a table. */

import { EXCHANGES } from '../contract/index.ts';
import { type Day, QUOTAS } from './test-day.ts';
import { POLLED, type PolledSource } from './test-day-kinds.ts';

/** Everything that a day was, in lines. */
export const tableOf = (day: Day): string =>
  [
    `24 simulated hours in ${day.seconds.cpu.toFixed(0)} s of CPU, ${day.seconds.wall.toFixed(0)} s`,
    `troubles: ${troublesOf(day)}; the server's clock set ${day.clockJumps} times`,
    ...EXCHANGES.map((id) => streamLine(day, id)),
    ...POLLED.map((id) => pollLine(day, id)),
    ...shownLines(day),
    ...day.quarters.map(quarterLine),
  ].join('\n');

const troublesOf = ({ troubles }: Day): string =>
  Object.entries(troubles.counts())
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} × ${name}`)
    .join(', ');

function streamLine({ world }: Day, id: (typeof EXCHANGES)[number]): string {
  const { attempts, counts } = world.streamOf(id);
  const { opened, mostOpen, frames } = counts();
  return [
    `${id} stream: ${attempts.total()} attempts (${attempts.most()} in 5 min, of < 60)`,
    `${opened} opened, ${mostOpen} at once (of 2), ${frames} frames`,
  ].join(', ');
}

function pollLine({ world }: Day, id: PolledSource): string {
  const { calls, byDay } = world.pollOf(id);
  const quota = Object.entries(QUOTAS[id]).filter(([, most]) => typeof most === 'number');
  const days = [...byDay].map(([date, count]) => `${date} ${count}`).join(', ');
  const limits = quota.map(([span, most]) => `${span} ${most}`).join(', ');
  return `${id}: ${calls.total()} calls (${days}; ${calls.most()} in a minute), of ${limits}`;
}

function shownLines({ visitor, judge }: Day): string[] {
  const { versions, whole, gaps } = visitor.counts();
  const { checks, coins, liveCoins } = judge.counts();
  const presses = Object.entries(visitor.presses()).map(
    ([status, count]) => `${count} × ${status}`,
  );
  return [
    `versions: ${versions}, ${whole} of them whole, ${gaps} gaps; refresh: ${presses.join(', ')}`,
    `checks: ${checks}; coins live in ${((100 * liveCoins) / coins).toFixed(2)} % of the seconds`,
  ];
}

const quarterLine = ({ heapBytes, rssBytes, timers }: Day['quarters'][number], index: number) =>
  `after ${6 * (index + 1)} h: heap ${mb(heapBytes)}, RSS ${mb(rssBytes)}, ${timers} timers`;

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
