/** What a simulated upstream is: its routes and what each answers, one plain object in one file. */

import type { Market } from '../market.ts';

/** A request as a route sees it. */
export interface RouteRequest {
  readonly query: URLSearchParams;
  /** `null` when none was sent, or an empty one. */
  readonly userAgent: string | null;
}

/** A whole answer, before any fault. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One route: `GET`, answered from the market. */
export interface Route {
  readonly path: string;
  /** @param nowMs wall clock, ms since 1970 */
  answer(request: RouteRequest, market: Market, nowMs: number): Answer;
}

/** One upstream. */
export interface SimulatedUpstream {
  /** The variable that points the server at it. */
  readonly variable: string;
  readonly routes: readonly Route[];
}

/** Answers with JSON, as most upstreams do. */
export const json = (
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
});
