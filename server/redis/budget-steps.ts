/** The steps in which the nodes remember together what upstreams allow, each a Lua script of its own. */

import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { RedisKeys } from './keys.ts';
import type { RedisLink } from './redis-link.ts';
import type { BudgetSteps, CountedPeriod } from './steps.ts';

/** Longer than any clock shows the same day, ms. */
const DAY_TTL_MS = 2 * 86_400_000;
/** As far as a limit per minute looks back, ms. */
const MINUTE_TTL_MS = 60_000;
/** Longer than any clock shows the same month, ms. */
const MONTH_TTL_MS = 33 * 86_400_000;

/** What another program may have written in place of a number counts as nothing. */
const countOr0 = v.pipe(
  v.string(),
  v.transform((text) => (/^\d{1,15}$/.test(text) ? Number(text) : 0)),
);
const READ = v.array(v.union([v.pipe(v.number(), v.safeInteger()), countOr0]));

/** The steps over a link; see the duties on {@link BudgetSteps}. */
export function createBudgetSteps(
  link: Pick<RedisLink, 'read'>,
  keys: Pick<RedisKeys, 'budget'>,
): BudgetSteps {
  const keysOf = (upstreams: readonly string[], { day, month }: CountedPeriod) =>
    upstreams
      .map(keys.budget)
      .flatMap((key) => [key, `${key}:${day}`, `${key}:${month}`, `${key}:minute`]);
  const call = (lua: string, names: readonly string[], args: readonly (string | number)[]) =>
    link.read((client) => client.eval(lua, names.length, ...names, ...args));

  return {
    async readBudgets(upstreams, period) {
      const answer = v.parse(READ, await call(READ_BUDGETS, keysOf(upstreams, period), []));
      return upstreams.map((_, index) => {
        const note = answer.slice(5 * index);
        const [pauseMs = 0, today = 0, thisMonth = 0, lastMinute = 0, lastMinuteForMs = 0] = note;
        return { pauseMs, today, thisMonth, lastMinute, lastMinuteForMs };
      });
    },
    async writeBudgets(words, period, maxPauseMs) {
      const names = keysOf(
        words.map(({ upstream }) => upstream),
        period,
      );
      const args = words.flatMap(({ pauseMs, calls, lastMinute }) => [
        ...[Math.ceil(pauseMs), calls, lastMinute],
      ]);
      const ttls = [DAY_TTL_MS, MONTH_TTL_MS, MINUTE_TTL_MS];
      await call(WRITE_BUDGETS, names, [...ttls, maxPauseMs, ...args]);
    },
  };
}

/** A Lua file's text. */
const script = (name: string): string =>
  readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');

const READ_BUDGETS = script('read-budgets');
const WRITE_BUDGETS = script('write-budgets');
