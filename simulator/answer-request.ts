/** What the upstreams answer to a request: from the market, unless one is away, refuses or has a fault. Without a socket. */

import { refused } from './control.ts';
import type { Fault, Faults } from './faults.ts';
import type { Market } from './market.ts';
import type { Quotas } from './quotas.ts';
import type { RequestLog } from './request-log.ts';
import type { UpstreamStates } from './upstream-states.ts';
import { type OwnedRoute, ROUTES } from './upstreams/index.ts';
import { type Answer, accessDenied } from './upstreams/upstream.ts';

/** All that decides what is answered. */
export interface Simulated {
  readonly market: Market;
  readonly states: UpstreamStates;
  readonly quotas: Quotas;
  readonly faults: Faults;
  readonly log: RequestLog;
}

/** A request, of whatever way it came. */
export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
}

/** What becomes of a request. */
export type Reply =
  /** `fault` is what goes wrong with the answer on its way; the answer itself is whole. */
  | { readonly kind: 'answer'; readonly answer: Answer; readonly fault: Fault | null }
  /** The connection is reset. */
  | { readonly kind: 'reset' }
  /** Nothing ever comes; the connection stays. */
  | { readonly kind: 'silence' };

/**
 * Answers a request, logs it, and counts it against quota and fault. A request to an upstream that is away or closed
 * to us spends neither.
 * @param nowMs wall clock, ms since 1970
 */
export function answerRequest(
  simulated: Simulated,
  request: UpstreamRequest,
  nowMs: number,
): Reply {
  const owned = ROUTES.get(request.path);
  log(simulated.log, owned, request, nowMs);
  if (!owned) return plain(refused(404, 'not_found', 'no simulated upstream has this path'));
  const { upstream, route } = owned;
  const state = simulated.states.stateOf(upstream.id);
  if (state === 'dead') return { kind: 'reset' };
  if (state === 'frozen') return { kind: 'silence' };
  const block = simulated.states.blockOf(upstream.id);
  if (block !== null) return plain(upstream.block?.(block) ?? accessDenied(block));
  if (request.method !== 'GET') return plain(refused(405, 'method_not_allowed', 'GET only'));
  const reached = simulated.quotas.take(upstream.id, nowMs, route.cost ?? 1);
  if (reached) return plain(upstream.refuse(reached, request, nowMs));
  return {
    kind: 'answer',
    answer: route.answer(request, simulated.market, nowMs),
    fault: simulated.faults.take(route.path),
  };
}

const plain = (answer: Answer): Reply => ({ kind: 'answer', answer, fault: null });

function log(
  requestLog: RequestLog,
  owned: OwnedRoute | undefined,
  { method, path, query, headers }: UpstreamRequest,
  nowMs: number,
): void {
  const asked = owned ? { route: owned.route.path, upstream: owned.upstream.id } : null;
  requestLog.add(asked, {
    method,
    path,
    query: Object.fromEntries(query),
    user_agent: headers.get('user-agent') || null,
    at: new Date(nowMs).toISOString(),
  });
}
