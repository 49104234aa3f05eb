/** Folds what comes in, by socket or by poll, into the snapshot: what is taken, what is ignored, when to ask again. */

import type { Clock } from '../contract/clock.ts';
import type { ServerFrame } from '../contract/frames.ts';
import { applyPatch } from '../contract/patch.ts';
import { DEFAULT_POLL_INTERVAL_S, readDate, readHello, readPollIntervalS } from './hello.ts';
import type { LinkEvents } from './link.ts';
import { orderPatch, replaces } from './order.ts';
import type { Store } from './store.ts';
import { createSync } from './sync.ts';
import { SYNC } from './wire.ts';

/** What the intake needs. */
export interface IntakeDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Sends on the present connection. */
  send(text: string): void;
  /** The present connection cannot bring us in step. */
  giveUp(): void;
}

/** The intake: hears everything the link tells. */
export interface Intake extends LinkEvents {
  /** Seconds between polls, as the server last asked for. */
  pollIntervalS(): number;
  /** Asks for nothing more. */
  close(): void;
}

/** @returns an intake that waits for the first document of a connection */
export function createIntake({ store, clock, send, giveUp }: IntakeDeps): Intake {
  const sync = createSync({ clock, request: () => send(SYNC), giveUp });
  let pollIntervalS = DEFAULT_POLL_INTERVAL_S;
  // No document of the present connection was taken yet: whatever it holds, older or newer, is the truth now.
  let isFresh = true;

  const held = () => (store.current().document ? store.current().position : null);
  const receive = (frame: ServerFrame) => {
    if (frame.type === 'hello') {
      pollIntervalS = readPollIntervalS(frame);
      store.update(readHello(frame, clock.now()));
      return;
    }
    const position = { epoch: frame.epoch, seq: frame.seq };
    if (frame.type === 'dashboard_update') {
      const isTaken = replaces(held(), position, isFresh);
      if (isTaken) {
        isFresh = false;
        sync.stop();
      }
      store.update({ link: { state: 'live' }, ...(isTaken && { document: frame.data, position }) });
      return;
    }
    const { document } = store.current();
    const order = orderPatch(isFresh ? null : held(), position);
    if (order === 'gap') sync.start();
    else if (order === 'next' && document) {
      store.update({ document: applyPatch(document, frame.patch), position });
    }
  };

  return {
    frame(frame, isFirstUpdate) {
      if (isFirstUpdate) isFresh = true;
      receive(frame);
    },
    lost(link) {
      sync.stop();
      store.update({ link });
    },
    polled(link, polled) {
      const { position, clockOffsetMs } = store.current();
      const version = polled?.version;
      // Another term is taken whatever its number: nothing but the server's present word says which one counts.
      const isTaken =
        version && replaces(held(), version.position, version.position.epoch !== position.epoch);
      store.update({
        link,
        ...(isTaken && version),
        ...(polled && readDate(polled.serverTimeMs, clockOffsetMs, clock.now())),
      });
    },
    pollIntervalS: () => pollIntervalS,
    close: sync.stop,
  };
}
