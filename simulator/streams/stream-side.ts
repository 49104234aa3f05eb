/**
 * The streams of all exchanges without a transport: handshakes in, frames out, driven by the given clock; real
 * WebSockets and connections within a process are put around it.
 */

import type { Clock } from '../../contract/index.ts';
import { EXCHANGES, type Exchange, type Ticker } from '../ticker.ts';
import type { UpstreamStates } from '../upstream-states.ts';
import { ABNORMAL, GOING_AWAY, type StreamingExchange } from './exchange.ts';
import { STREAMING_EXCHANGES } from './index.ts';
import { createRateGate } from './rate-gate.ts';
import { createSession, type Peer, type Session, type Wire } from './session.ts';
import type { StreamAction, StreamFaults } from './stream-faults.ts';
import { byExchange, createStreamLog, type LogEntry, type StreamLogView } from './stream-log.ts';

/** A request to open a connection. */
export interface Handshake {
  /** Path and query; begins with a slash. */
  readonly path: string;
  /** `null` when none was sent, or an empty one. */
  readonly userAgent: string | null;
}

/** What comes of it. */
export type HandshakeAnswer =
  | { readonly kind: 'accepted'; converse(wire: Wire): Peer }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  /** Never answered. */
  | { readonly kind: 'frozen' }
  /** Nobody is there. */
  | { readonly kind: 'dropped' };

/** What the streams are made of. */
export interface StreamSideDeps {
  readonly clock: Clock;
  /** A coin on an exchange, now; `null` when it is not traded there. */
  ticker(exchange: Exchange, symbol: string): Ticker | null;
  /** How the exchanges are as a whole: their streams do as their other routes do. */
  readonly states: Pick<UpstreamStates, 'stateOf' | 'blockOf' | 'onChange'>;
}

/** Changes of the faults by exchange; `null` takes those of an exchange away. */
export type StreamFaultChanges = { readonly [E in Exchange]?: StreamFaults | null | undefined };

/** The streams. */
export interface StreamSide {
  handshake(request: Handshake): HandshakeAnswer;
  /** Puts the faults of these exchanges in the place of what they had. */
  setFaults(changes: StreamFaultChanges): void;
  clearFaults(): void;
  faults(): Readonly<Record<Exchange, StreamFaults>>;
  /** Does something to every open connection of an exchange. */
  act(exchange: Exchange, action: StreamAction): void;
  log(): StreamLogView;
  clearLog(): void;
  /** Ends every connection. */
  close(): void;
}

/** Addresses come without one. */
const ORIGIN = 'ws://exchange.simulated';

export function createStreamSide(deps: StreamSideDeps): StreamSide {
  const { clock, states } = deps;
  const log = createStreamLog(() => new Date(clock.now()).toISOString());
  const places = STREAMING_EXCHANGES.map((exchange) => createPlace(exchange, clock));
  let faults = byExchange<StreamFaults>(() => ({}));

  const converse = ({ exchange, sessions }: Place, opened: Opened): Peer => {
    const session = createSession({
      ...opened,
      exchange,
      clock,
      faults: () => faults[exchange.id],
      isFrozen: () => states.stateOf(exchange.id) === 'frozen',
      ticker: (symbol) => deps.ticker(exchange.id, symbol),
      onClosed: () => sessions.delete(session),
    });
    sessions.add(session);
    return session;
  };
  const sessionsOf = (id: Exchange): readonly Session[] => [
    ...(places.find(({ exchange }) => exchange.id === id)?.sessions ?? []),
  ];
  // Who is dead, or no longer serves us, lets go of the connections that are open.
  const unwatch = states.onChange(() => {
    for (const id of EXCHANGES) {
      if (states.stateOf(id) !== 'dead' && states.blockOf(id) === null) continue;
      for (const session of sessionsOf(id)) session.end(ABNORMAL);
    }
  });
  return {
    handshake({ path, userAgent }) {
      const address = new URL(`${ORIGIN}${path}`);
      const place = places.find(({ exchange }) => exchange.serves(address.pathname));
      if (!place) return refused(404);
      const { id } = place.exchange;
      const entry = log.add(id, path, userAgent);
      const trouble = outageOf(states, id) ?? troubleOf(faults[id]) ?? place.refusalOf(userAgent);
      if (trouble?.kind === 'refused') entry.refused(trouble.status);
      if (trouble) return trouble;
      return { kind: 'accepted', converse: (wire) => converse(place, { address, wire, entry }) };
    },
    setFaults(changes) {
      faults = byExchange((id) => {
        const change = changes[id];
        return change === undefined ? faults[id] : (change ?? {});
      });
    },
    clearFaults() {
      faults = byExchange(() => ({}));
    },
    faults: () => faults,
    act: (id, action) => sessionsOf(id).forEach(deed(action)),
    log: log.view,
    clearLog: log.clear,
    close() {
      unwatch();
      for (const id of EXCHANGES) for (const session of sessionsOf(id)) session.end(GOING_AWAY);
    },
  };
}

/** One exchange and everything that is kept of it. */
interface Place {
  readonly exchange: StreamingExchange;
  readonly sessions: Set<Session>;
  /** Whether the exchange's own rules refuse a handshake. */
  refusalOf(userAgent: string | null): HandshakeAnswer | null;
}

/** A connection that was just accepted. */
interface Opened {
  readonly address: URL;
  readonly wire: Wire;
  readonly entry: LogEntry;
}

function createPlace(exchange: StreamingExchange, clock: Clock): Place {
  const gate = exchange.handshakes && createRateGate(exchange.handshakes, clock);
  return {
    exchange,
    sessions: new Set(),
    refusalOf(userAgent) {
      if (gate && !gate.pass()) return refused(429);
      return exchange.needsUserAgent && userAgent === null ? refused(403) : null;
    },
  };
}

const refused = (status: number, retryAfterS?: number): HandshakeAnswer => ({
  kind: 'refused',
  status,
  headers: retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) },
});

/** What a handshake meets when something has befallen the exchange as a whole. */
function outageOf(states: StreamSideDeps['states'], id: Exchange): HandshakeAnswer | null {
  const state = states.stateOf(id);
  if (state === 'dead') return { kind: 'dropped' };
  if (state === 'frozen') return { kind: 'frozen' };
  const block = states.blockOf(id);
  return block === null ? null : refused(block);
}

function troubleOf({ frozen, refuse, retryAfterS }: StreamFaults): HandshakeAnswer | null {
  if (frozen) return { kind: 'frozen' };
  return refuse === undefined ? null : refused(refuse, retryAfterS);
}

const deed =
  (action: StreamAction) =>
  (session: Session): void => {
    if (action.do === 'cut') session.end(action.code ?? ABNORMAL);
    else if (action.do === 'shutdown') session.shutDown();
    else for (const frame of action.frames) session.inject(bytesOrText(frame));
  };

const bytesOrText = (frame: string | { readonly base64: string }): string | Uint8Array =>
  typeof frame === 'string' ? frame : Buffer.from(frame.base64, 'base64');
