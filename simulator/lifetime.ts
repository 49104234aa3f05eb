/** How long a process of this folder lives: until it is told to stop, or until whoever started it is gone. */

/** The signals that mean: stop cleanly. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Flag of a process that ends with its parent: it stops when its standard input closes, however that comes about. */
export const WITH_PARENT = '--with-parent';

/**
 * Calls `stop` once, at the first signal or when the parent is gone. Signals after that are ignored: a terminal and a
 * package runner may both send one for the same key.
 * @param withParent `true`: standard input is a pipe that the parent holds open
 */
export function onStop(withParent: boolean, stop: () => void): void {
  let stopping = false;
  const once = () => {
    if (!stopping) stop();
    stopping = true;
  };
  for (const signal of STOP_SIGNALS) process.on(signal, once);
  if (!withParent) return;
  process.stdin.once('end', once);
  process.stdin.once('close', once);
  process.stdin.once('error', once);
  process.stdin.resume();
}
