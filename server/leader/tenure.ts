/** One term with the lease: renewed while it lasts, over at the latest when Redis might let it go. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { KeyForm, RedisSteps } from '../redis/steps.ts';

/** What a tenure is made of. */
export interface TenureDeps {
  readonly steps: Pick<RedisSteps, 'renew'>;
  readonly clock: Clock;
  readonly log: { debug(fields: object, message: string): void };
  /** Told what every renewal found under the document's key. */
  readonly noteKey: (form: KeyForm) => void;
}

/** The term that is held. */
export interface TenureOptions {
  readonly epoch: number;
  /** How long the lease lives in Redis without renewal, ms. */
  readonly ttlMs: number;
  /** When the lease was asked for, on the monotonic clock. */
  readonly sentAtMs: number;
  /** Called once, when the lease does not count as this node's any more; never after `end()`. */
  readonly over: (end: TenureEnd) => void;
}

/** How a term ends by itself: no renewal was answered in time, or one said that lease or term are another's. */
export type TenureEnd = 'late' | 'not_leader';

/** A term under way. */
export interface Tenure {
  readonly epoch: number;
  /** Never true after the lease may have run out. */
  isHeld(): boolean;
  /** Stops renewing. */
  end(): void;
}

/** Renewals in one life of the lease: one may go without an answer, and several may be refused. */
const RENEWALS_PER_LIFE = 3;
/** The holder stops this long before Redis lets the lease go: the clocks of two machines do not run alike. */
const SAFETY_MS = 500;
/** From a renewal that failed to the next: several still fit before the lease ends. */
const RENEW_RETRY_MS = 250;

/** Begins; the lease was just taken. */
export function createTenure(deps: TenureDeps, options: TenureOptions): Tenure {
  const { steps, clock, log, noteKey } = deps;
  const { epoch, ttlMs } = options;
  let untilMs = 0;
  let isOver = false;
  let renewal: Timer | null = null;
  let expiry: Timer | null = null;

  const end = () => {
    isOver = true;
    renewal?.cancel();
    expiry?.cancel();
  };
  const over = (how: TenureEnd) => {
    if (isOver) return;
    end();
    options.over(how);
  };
  /** Counted from before the question was sent: Redis cannot have begun to count earlier. */
  const holdFrom = (sentAtMs: number) => {
    const nowMs = clock.monotonic();
    untilMs = sentAtMs + ttlMs - SAFETY_MS;
    expiry?.cancel();
    expiry = clock.after(untilMs - nowMs, () => over('late'));
    planRenewal(Math.max(0, sentAtMs + ttlMs / RENEWALS_PER_LIFE - nowMs));
  };
  const planRenewal = (delayMs: number) => {
    renewal = clock.after(delayMs, () => void renew());
  };
  const renew = async () => {
    const sentAtMs = clock.monotonic();
    const answer = await steps.renew(epoch, ttlMs).catch((err) => {
      // That Redis is away is said once, by whoever keeps the connection.
      log.debug({ err, epoch }, 'the lease was not renewed; trying again');
      return null;
    });
    if (isOver) return;
    // The process stood still: who has been told that the lease is not held must not find it held again.
    if (!isHeld()) return over('late');
    if (answer === null) {
      return planRenewal(Math.max(0, sentAtMs + RENEW_RETRY_MS - clock.monotonic()));
    }
    if (answer === 'not_leader') return over(answer);
    holdFrom(sentAtMs);
    noteKey(answer);
  };

  const isHeld = () => !isOver && clock.monotonic() < untilMs;

  holdFrom(options.sentAtMs);
  return { epoch, isHeld, end };
}
