/** Asks a source's routes: request, upstream, normaliser; every failure becomes a value. */

import type { Clock, ErrorCode, SourceId } from '../../contract/index.ts';
import { placeOf } from './place-of.ts';
import type { CallLimits, Gift, OwnClock, Poll, Reading, Source, SourceOptions } from './source.ts';
import { createTrouble, type Trouble, type TroubleLog } from './trouble.ts';
import { type Upstream, UpstreamError } from './upstream.ts';

/** What came of asking one route. */
export type Answer =
  | { readonly ok: true; readonly readings: readonly Reading[]; readonly receivedAtMs: number }
  | { readonly ok: false; readonly code: ErrorCode; readonly retryAtMs: number | null };

/** A route that is ready to be asked. */
export interface BoundRoute {
  readonly upstream: SourceId;
  readonly route: string;
  readonly gives: Gift;
  readonly ownClock: OwnClock | null;
  /** Coins that it can give a price of. */
  readonly knownCoins: readonly string[];
  /** Of the upstream as a whole. */
  readonly limits: CallLimits;
  /** Sends one request. Never rejects; settles within the upstream's timeout. */
  call(): Promise<Answer>;
}

/** What is needed of a log. */
export interface AskLog extends TroubleLog {
  error(fields: object, message: string): void;
}

/** What a source's routes are bound to. */
export interface Binding {
  readonly upstream: Upstream;
  readonly clock: Clock;
  /** Origin only; the paths are the source's own. */
  readonly baseUrl: string;
  readonly options: SourceOptions;
  /** Seconds between two calls of a route as far as is planned now; freshness is judged by it. */
  readonly pollIntervalS: () => number;
  readonly log: AskLog;
}

/** Binds every route of a source. */
export const bindSource = (source: Source, binding: Binding): readonly BoundRoute[] =>
  source.polls.map((poll) => {
    const trouble = createTrouble(binding.clock, binding.log);
    return {
      upstream: source.id,
      route: poll.route,
      gives: poll.gives,
      ownClock: poll.ownClock ?? null,
      knownCoins: poll.knownCoins ?? [],
      limits: source.limits(binding.options),
      call: () => ask(source.id, poll, binding, trouble),
    };
  });

async function ask(
  source: SourceId,
  poll: Poll,
  binding: Binding,
  trouble: Trouble,
): Promise<Answer> {
  const { upstream, baseUrl, options, pollIntervalS, log } = binding;
  const { route } = poll;
  try {
    const { body, ...receipt } = await upstream.get(source, baseUrl, poll.request(options));
    const readings = poll.read(body, { ...receipt, pollIntervalS: pollIntervalS() });
    trouble.over({ source, route }, 'an upstream answers');
    return { ok: true, readings, receivedAtMs: receipt.receivedAtMs };
  } catch (error) {
    if (error instanceof UpstreamError) {
      const { code, retryAtMs, status } = error;
      trouble.failed({ source, route, code, status }, 'upstream call failed');
      return { ok: false, code, retryAtMs };
    }
    // A mistake in a normaliser costs this answer, not the round.
    const code = 'bad_response';
    log.error({ source, route, code, at: placeOf(error) }, 'reading an answer failed');
    return { ok: false, code, retryAtMs: null };
  }
}
