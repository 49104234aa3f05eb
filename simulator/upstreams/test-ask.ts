/** Asks the upstreams' routes of a market on a given clock, without faults, for tests. */

import { createManualClock } from '../../contract/manual-clock.ts';
import { createMarket } from '../market.ts';
import { ROUTES } from './index.ts';

/** 07:00 UTC and a half second. */
export const NOW = Date.UTC(2026, 10, 23, 7, 0, 0, 500);

/** A market, its clock, and a way to ask. */
export function setUp(startMs = NOW) {
  const clock = createManualClock(startMs);
  const market = createMarket(clock, 1);
  const ask = (path: string, query = '', headers: Record<string, string> = USER_AGENT) => {
    const found = ROUTES.get(path);
    if (!found) throw new Error(`no route ${path}`);
    const request = { query: new URLSearchParams(query), headers: new Headers(headers) };
    const answer = found.route.answer(request, market, clock.now());
    const isJson = answer.headers['content-type']?.startsWith('application/json');
    return { ...answer, json: isJson ? JSON.parse(answer.body) : null };
  };
  return { clock, market, ask };
}

/** What every well-mannered client sends. */
const USER_AGENT = { 'user-agent': 'test/1.0' };
