/** Keeps Debian's packages from starting services while they are installed. */

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';

/** Asked by Debian's packages before they start a service; 101 means: do not. */
export const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

/** Left behind, the policy would keep services from starting for good: these signals have to wait until it is gone. */
const ENDING = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/**
 * Runs `action` with a policy in place that starts no service; a policy that is there already stays as it is.
 * A signal that ends the process aborts `ended`, and takes effect when `action` is over and the policy is removed.
 * @param policy path of the policy, {@link SERVICE_POLICY}
 */
export async function withoutServices(
  policy: string,
  action: (ended: AbortSignal) => Promise<void>,
): Promise<void> {
  const isOurs = !existsSync(policy);
  const ended = new AbortController();
  const signals: NodeJS.Signals[] = [];
  const note = (signal: NodeJS.Signals) => {
    signals.push(signal);
    ended.abort();
  };
  for (const signal of ENDING) process.on(signal, note);
  try {
    if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    await action(ended.signal);
  } finally {
    if (isOurs) rmSync(policy, { force: true });
    for (const signal of ENDING) process.off(signal, note);
  }
  const [first] = signals;
  if (first !== undefined) process.exit(128 + constants.signals[first]);
}
