/** The hub on the sockets of `Bun.serve`. */

import type { ServerWebSocket, WebSocketHandler } from 'bun';
import { CLOSE, type Clock, type CloseCode, PONG } from '../../contract/index.ts';
import type { Broker } from '../broker/broker.ts';
import { type AdmissionLimits, createAdmissionDesk } from './admission.ts';
import { createBroadcast, type ReceiverState, TOPIC } from './broadcast.ts';
import type { HelloConstants } from './frames.ts';
import { createHeartbeat, type Heartbeat, type HeartbeatState } from './heartbeat.ts';
import type { Hub, HubLog, SocketData } from './hub.ts';
import {
  type InboundState,
  judgeControlFrame,
  judgeMessage,
  MAX_MESSAGE_BYTES,
  newInboundState,
  type Verdict,
} from './inbound.ts';
import { createSyncDesk, type SyncState } from './sync.ts';

/** What the hub is made of. */
export interface HubDeps {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: HubLog;
}

/** How the hub is set. */
export interface HubOptions extends AdmissionLimits, HelloConstants {
  /** How long bytes may stay buffered for a socket before it is closed. */
  readonly slowClientTimeoutMs: number;
}

/** Everything the hub keeps of a socket. */
export interface SocketState
  extends SocketData,
    HeartbeatState,
    InboundState,
    SyncState,
    ReceiverState {}

type Socket = ServerWebSocket<SocketState>;

/**
 * A socket with this much waiting is skipped until it has caught up: about ten documents. Asked before each frame, so
 * that one may pass it; frames of one turn that follow on an empty buffer are written together, 128 KiB at most.
 */
const BACKPRESSURE_LIMIT_BYTES = 32 * 1024;

/** @see Hub */
export function createHub(deps: HubDeps, options: HubOptions): Hub<SocketState> {
  const { broker, clock } = deps;
  const desk = createAdmissionDesk(options);
  const broadcast = createBroadcast(broker, clock, options);
  const sync = createSyncDesk<Socket>(clock, broadcast.sendWhole);
  const ended = { slowClosed: 0, unheardTerminated: 0 };
  const heartbeat = createEndingHeartbeat(deps, options, ended, broadcast.announceDegraded);
  let closedWith: CloseCode | null = null;

  const obey = (socket: Socket, verdict: Verdict) => {
    heartbeat.heard(socket);
    if (verdict.kind === 'close') socket.close(verdict.code, verdict.reason);
    else if (verdict.kind === 'ping') socket.send(PONG);
    else if (verdict.kind === 'sync') sync.wanted(socket);
  };
  const onControlFrame = (socket: Socket) =>
    obey(socket, judgeControlFrame(socket.data, clock.monotonic()));

  const websocket: WebSocketHandler<SocketState> = {
    ...SOCKET_SETTINGS,
    open(socket) {
      if (closedWith !== null) return socket.close(closedWith);
      // One synchronous block: whatever is published after the subscription follows the document.
      socket.subscribe(TOPIC);
      heartbeat.add(socket);
      broadcast.greet(socket);
    },
    message: (socket, message) =>
      obey(socket, judgeMessage(socket.data, message, clock.monotonic())),
    ping: onControlFrame,
    pong: onControlFrame,
    drain: broadcast.catchUp,
    close(socket) {
      heartbeat.remove(socket);
      sync.forget(socket);
      desk.release(socket.data.ip);
    },
  };

  return {
    admit: desk.admit,
    giveBack: desk.release,
    socketData: (ip) => ({
      ip,
      ...heartbeat.newState(),
      ...newInboundState(clock.monotonic()),
      ...sync.newState(),
      ...broadcast.newState(),
    }),
    websocket,
    start(target) {
      broadcast.start(target);
      heartbeat.start();
    },
    stats: () => ({
      sockets: heartbeat.size(),
      framesPublished: broadcast.framesPublished(),
      refused: desk.refused(),
      ...ended,
    }),
    close(code) {
      if (closedWith !== null) return;
      closedWith = code;
      desk.close();
      broadcast.stop();
      heartbeat.stop();
      for (const socket of heartbeat.sockets()) socket.close(code);
    },
  };
}

const SOCKET_SETTINGS = {
  maxPayloadLength: MAX_MESSAGE_BYTES,
  backpressureLimit: BACKPRESSURE_LIMIT_BYTES,
  closeOnBackpressureLimit: false,
  perMessageDeflate: false,
  // Every frame sent resets the runtime's own timeout, so it would never notice a silent peer: the heartbeat does.
  idleTimeout: 0,
  sendPings: false,
} as const;

/** The heartbeat that ends the sockets it complains of, counts them and logs once a sweep. */
function createEndingHeartbeat(
  { clock, log }: HubDeps,
  { slowClientTimeoutMs }: HubOptions,
  ended: { slowClosed: number; unheardTerminated: number },
  swept: () => void,
): Heartbeat<Socket> {
  let logged = { ...ended };
  return createHeartbeat<Socket>(clock, slowClientTimeoutMs, {
    unheard(socket) {
      ended.unheardTerminated++;
      socket.terminate();
    },
    slow(socket) {
      ended.slowClosed++;
      // The runtime forgets the socket at once; a peer that does not take the close frame is cut off within seconds.
      socket.close(CLOSE.slowClient, 'slow');
    },
    swept() {
      swept();
      const slow = ended.slowClosed - logged.slowClosed;
      const unheard = ended.unheardTerminated - logged.unheardTerminated;
      if (slow + unheard > 0) log.info({ slow, unheard }, 'ended sockets that were slow or silent');
      logged = { ...ended };
    },
  });
}
