/** Keeps the newest document in the store, so that a restart shows the last known figures at once. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { Broker } from './broker.ts';

/** Shortest time between two writes, ms: a stream changes the document four times a second, a disk need not follow. */
const WRITE_INTERVAL_MS = 1000;

/**
 * Saves what the broker holds now and from now on.
 * @returns a function that writes what is not yet written and stops
 */
export function keepDocument(
  broker: Broker,
  store: Pick<Store, 'saveDocument'>,
  clock: Clock,
): () => void {
  let timer: Timer | null = null;
  let writtenEpoch: number | null = null;
  const write = () => {
    timer?.cancel();
    timer = null;
    const { epoch, seq, json } = broker.held();
    store.saveDocument({ epoch, seq, json });
    writtenEpoch = epoch;
  };
  const leave = broker.subscribe((event) => {
    if (event.type !== 'version') return;
    // A term's first version at once: after a crash no later term may begin below this one.
    if (event.version.epoch !== writtenEpoch) write();
    else timer ??= clock.after(WRITE_INTERVAL_MS, write);
  });
  return () => {
    leave();
    if (timer !== null) write();
  };
}
