/** One HTTP request with a deadline over its body too. */

import type { Clock, Timer } from '../contract/clock.ts';
import { isJsonObject, type JsonObject } from '../contract/patch.ts';
import { readJson } from './read-frame.ts';
import type { Fetch } from './transport.ts';

/** What the server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON object in the body; `null` when there is none. */
  readonly body: JsonObject | null;
}

/** A request under way; when it is cancelled its answer is `null`. */
export interface Pending extends Timer {
  /** `null` when no answer came in time. Never rejects. */
  readonly answer: Promise<Answer | null>;
}

/**
 * Begins a request.
 * @param deadlineMs for the whole of it
 */
export function request(
  fetch: Fetch,
  clock: Clock,
  deadlineMs: number,
  url: string,
  init: RequestInit,
): Pending {
  const stop = new AbortController();
  const cancel = () => stop.abort();
  const timer = clock.after(deadlineMs, cancel);
  const send = async (): Promise<Answer | null> => {
    try {
      // Conditions are ours: a cache between would answer with somebody else's.
      const response = await fetch(url, { ...init, cache: 'no-store', signal: stop.signal });
      const body = readJson(await response.text());
      return {
        status: response.status,
        headers: response.headers,
        body: isJsonObject(body) ? body : null,
      };
    } catch {
      return null;
    } finally {
      timer.cancel();
    }
  };
  return { answer: send(), cancel };
}
