/** What all sockets get, and what one gets to begin with or to catch up. */

import { type Clock, type Degraded, judgeDegraded } from '../../contract/index.ts';
import type { Broker, BrokerEvent } from '../broker/broker.ts';
import { createWholeFrames, type HelloConstants, helloFrame, patchFrame } from './frames.ts';
import type { PublishTarget } from './hub.ts';

/** The topic every socket subscribes to. */
export const TOPIC = 'dashboard';
/** What `send` returns for a frame that was skipped because the buffer is full. */
const SKIPPED = 0;

/** What is kept of a socket to know what it may have missed. */
export interface ReceiverState {
  /** Frames published when the last whole document was handed to it. */
  wholeAt: number;
  /** Changes of `degraded` when a `hello` of its own was handed to it. */
  helloAt: number;
}

/** What is needed of a socket. */
export interface Receiver {
  readonly data: ReceiverState;
  send(frame: string): number;
}

/** Publishes to all sockets and sends to one. */
export interface Broadcast {
  /** Begins to listen to the broker. */
  start(target: PublishTarget): void;
  stop(): void;
  newState(): ReceiverState;
  /** Sends the whole document. A socket too full for it gets it when it has drained. */
  sendWhole(socket: Receiver): void;
  /** Sends the first document and `hello`. */
  greet(socket: Receiver): void;
  /** The socket has drained: sends what it may have missed. */
  catchUp(socket: Receiver): void;
  /** Judges whether the node is degraded, and tells everybody when that changed. */
  announceDegraded(): void;
  framesPublished(): number;
}

/** @see Broadcast */
export function createBroadcast(
  broker: Broker,
  clock: Clock,
  constants: HelloConstants,
): Broadcast {
  const wholeFrame = createWholeFrames();
  let target: PublishTarget | null = null;
  let unsubscribe: (() => void) | null = null;
  let degraded: readonly Degraded[] = [];
  let degradedChanges = 0;
  let framesPublished = 0;

  const publish = (frame: string) => {
    framesPublished++;
    target?.publish(TOPIC, frame);
  };
  const hello = () => helloFrame(constants, clock.now(), degraded);
  const judge = () => judgeDegraded(broker.conditions(), broker.held().document, clock.now());
  const announceDegraded = () => {
    const judged = judge();
    if (judged.join() === degraded.join()) return;
    degraded = judged;
    degradedChanges++;
    publish(hello());
  };
  const onBrokerEvent = (event: BrokerEvent) => {
    if (event.type === 'version') {
      publish(patchFrame(event.version, event.consecutive) ?? wholeFrame(event.version));
      announceDegraded();
    } else if (event.type === 'conditions') {
      announceDegraded();
    }
  };
  const sendWhole = (socket: Receiver) => {
    if (socket.send(wholeFrame(broker.held())) !== SKIPPED) socket.data.wholeAt = framesPublished;
  };
  const sendHello = (socket: Receiver) => {
    if (socket.send(hello()) !== SKIPPED) socket.data.helloAt = degradedChanges;
  };

  return {
    start(publishTarget) {
      target = publishTarget;
      degraded = judge();
      unsubscribe = broker.subscribe(onBrokerEvent);
    },
    stop: () => unsubscribe?.(),
    newState: () => ({ wholeAt: -1, helloAt: -1 }),
    sendWhole,
    greet(socket) {
      sendWhole(socket);
      sendHello(socket);
    },
    catchUp(socket) {
      // When nothing was published since its last whole document, nothing was skipped, and answering would send a slow
      // socket the same document for ever.
      if (socket.data.wholeAt !== framesPublished) sendWhole(socket);
      if (socket.data.helloAt !== degradedChanges) sendHello(socket);
    },
    announceDegraded,
    framesPublished: () => framesPublished,
  };
}
