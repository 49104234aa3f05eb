/** What a simulated upstream is: its routes, what each answers, and how it refuses; one plain object in one file. */

import type { SourceId } from '../../contract/index.ts';
import type { Market } from '../market.ts';
import type { ReachedLimit } from '../quotas.ts';
import type { Block } from '../upstream-states.ts';

/** A request as a route sees it. */
export interface RouteRequest {
  readonly query: URLSearchParams;
  readonly headers: Headers;
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
  /** What a call counts for where the upstream weighs them; 1 without it. */
  readonly cost?: number;
  /** @param nowMs wall clock, ms since 1970 */
  answer(request: RouteRequest, market: Market, nowMs: number): Answer;
}

/** One upstream. */
export interface SimulatedUpstream {
  readonly id: SourceId;
  /** The variable that points the server at it. */
  readonly variable: string;
  readonly routes: readonly Route[];
  /** Its own words for a call too many. */
  refuse(reached: ReachedLimit, request: RouteRequest, nowMs: number): Answer;
  /** Its own words to those whom it does not serve; without it the page of a content network. */
  block?(block: Block): Answer;
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

/** Answers with text that is no JSON. */
export const text = (
  body: string,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body,
});

/** Answers with a page, as what stands before an upstream does. */
export const html = (body: string, status: number, server: string): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8', server },
  body,
});

/** What most upstreams' content network says to those whom it does not let in. */
export const accessDenied = (block: Block): Answer =>
  html(
    '<!DOCTYPE html>\n<html lang="en-US">\n<head>\n<title>Access denied</title>\n</head>\n<body></body>\n</html>\n',
    block,
    'cloudflare',
  );

/** Whole seconds until `resetMs`, as `Retry-After` counts them: never too few. */
export const secondsUntil = (resetMs: number, nowMs: number): string =>
  String(Math.max(1, Math.ceil((resetMs - nowMs) / 1000)));
