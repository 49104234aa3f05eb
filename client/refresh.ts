/** Asks the server for a fresh round at the upstreams. */

import type { Clock } from '../contract/clock.ts';
import { request } from './request.ts';
import type { Fetch } from './transport.ts';

/**
 * What came of a refresh.
 * - `ok` a fresh round has ended; its figures arrive the way all figures do
 * - `throttled` a round was made a moment ago; worth asking again in `retryAfterS` seconds
 * - `failed` no source answered, the server took too long, refused, or cannot be reached
 */
export type RefreshResult =
  | { readonly status: 'ok' }
  | { readonly status: 'throttled'; readonly retryAfterS: number }
  | { readonly status: 'failed' };

/** The server answers a refresh within 11 s; the rest is the network's. */
export const REFRESH_DEADLINE_MS = 15_000;

/** One refresh; answers within {@link REFRESH_DEADLINE_MS} and never rejects. */
export async function refresh(fetch: Fetch, clock: Clock, url: string): Promise<RefreshResult> {
  const answer = await request(fetch, clock, REFRESH_DEADLINE_MS, url, { method: 'POST' }).answer;
  // The document in the body has no position; the same one comes by the link, with its place in the order.
  const status = answer?.body?.status;
  if (answer?.status === 200 && status === 'ok') return { status };
  const retryAfterS = Number(answer?.headers.get('Retry-After'));
  // A refusal that does not say how long to wait is not this server's.
  return status === 'throttled' && retryAfterS > 0 ? { status, retryAfterS } : { status: 'failed' };
}
