/** What a route is, and how the one that a request names is found. */

import { answerError } from './answers.ts';
import type { Visitor } from './visitor.ts';

/** A request on its way to a route. */
export interface Call {
  readonly request: Request;
  /** The raw query with its question mark; empty without one. Never decoded here: it may be malformed. */
  readonly query: string;
  /** Who asks. */
  visitor(): Visitor;
  /** Lets this answer take longer than the server's idle timeout. */
  allowSeconds(seconds: number): void;
}

/** What is done with the requests of one path. */
export interface Route {
  /** Besides `HEAD`, which works wherever `GET` does. */
  readonly methods: readonly string[];
  /** `undefined`: the connection has become a WebSocket. */
  handle(call: Call): Response | undefined | Promise<Response>;
}

/** A request's target, divided at the question mark. */
export interface Target {
  readonly path: string;
  readonly query: string;
}

/**
 * Divides the URL of a request without parsing it: the runtime gives the bare target when the `Host` header makes no
 * valid URL, and a malformed one must not throw.
 */
export function splitTarget(url: string): Target {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3);
  if (start < 0) return { path: '', query: '' };
  const mark = url.indexOf('?', start);
  return mark < 0
    ? { path: url.slice(start), query: '' }
    : { path: url.slice(start, mark), query: url.slice(mark) };
}

/** Answers by the route of the path; unknown paths and methods with an error. */
export function dispatch(
  routes: ReadonlyMap<string, Route>,
  path: string,
  call: Call,
): Response | undefined | Promise<Response> {
  const route = routes.get(path);
  if (!route) return answerError(404, 'not_found', 'There is nothing at this address.');
  const { method } = call.request;
  if (route.methods.includes(method === 'HEAD' ? 'GET' : method)) return route.handle(call);
  const allow = route.methods.flatMap((m) => (m === 'GET' ? ['GET', 'HEAD'] : [m])).join(', ');
  return answerError(405, 'method_not_allowed', 'This address does not take that method.', {
    Allow: allow,
  });
}
