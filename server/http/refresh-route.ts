/** `/api/crypto/dashboard-summary/refresh`: the document after a fresh round. */

import { type RefreshBody, toETag } from '../../contract/index.ts';
import type { Broker } from '../broker/broker.ts';
import { answerError, answerJson, retryAfter } from './answers.ts';
import type { RefreshDesk, RefreshOutcome } from './refresh.ts';
import type { Call, Route } from './route.ts';

/** The longest wait and some time for the answer to go out; the server's own idle timeout is shorter. */
const ANSWER_WITHIN_S = 15;
/** A failed or late round is followed by the next one soon enough. */
const FAILED_RETRY_AFTER_S = 15;
const BUSY_RETRY_AFTER_S = 5;

const LATE = 'The round did not end in time.';
const NOT_ASKED =
  'The round could not be asked for; the figures held are shown until the nodes reach each other again.';

/** The route of the refresh. Other sites may not ring: a visitor of theirs would spend our budget. */
export const createRefreshRoute = (broker: Broker, desk: RefreshDesk): Route => ({
  methods: ['GET', 'POST'],
  async handle(call) {
    if (isCrossSite(call)) {
      return answerError(403, 'forbidden', 'A refresh cannot be asked for from another site.');
    }
    call.allowSeconds(ANSWER_WITHIN_S);
    return answerOutcome(await desk.ask(), broker);
  },
});

/** Several headers arrive joined by commas; one of them is enough. */
const isCrossSite = (call: Call): boolean =>
  call.request.headers.get('sec-fetch-site')?.includes('cross-site') ?? false;

function answerOutcome(outcome: RefreshOutcome, broker: Broker): Response {
  switch (outcome.kind) {
    case 'ok':
      return answerDocument(200, 'ok', 'A fresh round has just ended.', broker);
    case 'throttled': {
      const headers = retryAfter(outcome.retryAfterMs / 1000);
      const message = `A round ran a moment ago; the next may be asked for in ${headers['Retry-After']} s.`;
      return answerDocument(429, 'throttled', message, broker, headers);
    }
    case 'failed':
      return answerError(503, 'upstreams_failed', 'No source answered.', {
        ...retryAfter(FAILED_RETRY_AFTER_S),
      });
    case 'timeout':
      return answerError(504, 'refresh_timeout', outcome.isAsked ? LATE : NOT_ASKED, {
        ...retryAfter(FAILED_RETRY_AFTER_S),
      });
    case 'busy':
      return answerError(503, 'too_many_connections', 'Too many are waiting for a refresh.', {
        ...retryAfter(BUSY_RETRY_AFTER_S),
      });
    case 'draining':
      return answerError(503, 'draining', 'The server is stopping.', {
        ...retryAfter(BUSY_RETRY_AFTER_S),
      });
  }
}

/** The document's JSON is spliced in as the leader wrote it. */
function answerDocument(
  status: number,
  result: RefreshBody['status'],
  message: string,
  broker: Broker,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const held = broker.held();
  const json = `{"status":"${result}","message":${JSON.stringify(message)},"data":${held.json}}`;
  return answerJson(status, json, {
    'Cache-Control': 'no-store',
    ETag: toETag(held),
    ...headers,
  });
}
