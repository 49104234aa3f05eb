/** A solo node's way back: Redis is back when it can be written to. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { Broker } from '../broker/broker.ts';
import type { RedisPresence, RedisSteps } from '../redis/steps.ts';
import { retryDelayMs } from './retry-delay.ts';

/** What the way back is made of. */
export interface ReturnDeps {
  readonly steps: Pick<RedisSteps, 'raise'>;
  readonly presence: Pick<RedisPresence, 'onConnected'>;
  readonly broker: Pick<Broker, 'held'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The way back. */
export interface Return {
  /** Tries until Redis has taken this node's position. Does nothing after `end()`. */
  begin(): void;
  /** Ends it for good. */
  end(): void;
}

/**
 * The try itself is the lift of the term above everything this node has shown on its own, so that whoever leads next
 * begins above it.
 * @param isBack called once for each `begin()`
 */
export function createReturn(
  { steps, presence, broker, clock, random }: ReturnDeps,
  isBack: () => void,
): Return {
  let isWanted = false;
  let isEnded = false;
  let isTrying = false;
  let failures = 0;
  let timer: Timer | null = null;

  const plan = () => {
    failures += 1;
    timer?.cancel();
    timer = clock.after(retryDelayMs(failures, random), () => void tryOnce());
  };
  const tryOnce = async () => {
    if (!isWanted || isTrying) return;
    isTrying = true;
    const { epoch, seq, json } = broker.held();
    const isRaised = await steps.raise({ epoch, seq, json: seq === 0 ? '' : json }).then(
      () => true,
      () => false,
    );
    isTrying = false;
    if (!isWanted) return;
    if (!isRaised) return plan();
    rest();
    isBack();
  };
  const leave = presence.onConnected(() => void tryOnce());
  const rest = () => {
    isWanted = false;
    timer?.cancel();
  };
  return {
    begin() {
      if (isEnded) return;
      isWanted = true;
      failures = 0;
      plan();
    },
    end() {
      isEnded = true;
      rest();
      leave();
    },
  };
}
