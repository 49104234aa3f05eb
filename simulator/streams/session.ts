/** The exchange's end of one connection: its rules, its faults, and a beat every second. */

import type { Clock, Timer } from '../../contract/index.ts';
import type { Ticker } from '../ticker.ts';
import { ABNORMAL, GOING_AWAY, type Line, POLICY, type StreamingExchange } from './exchange.ts';
import { createRateGate } from './rate-gate.ts';
import type { StreamFaults } from './stream-faults.ts';
import type { LogEntry } from './stream-log.ts';

/** What a connection is on the wire. */
export interface Wire {
  /** A text frame, or a binary one. */
  send(data: string | Uint8Array): void;
  /** A protocol ping. */
  ping(): void;
  /** @param code {@link ABNORMAL} = without a closing handshake */
  close(code: number): void;
}

/** What is heard from the other side. */
export interface Peer {
  received(text: string): void;
  pinged(): void;
  pong(): void;
  /** It is closed, whoever closed it. */
  closed(): void;
}

/** One connection. */
export interface Session extends Peer {
  end(code: number): void;
  /** Says that the exchange goes down, where it does say so, and closes a second later. */
  shutDown(): void;
  /** Puts a frame on the wire as it is. */
  inject(frame: string | Uint8Array): void;
}

/** What a session is made of. */
export interface SessionDeps {
  readonly exchange: StreamingExchange;
  readonly address: URL;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly entry: LogEntry;
  /** What is wrong now. */
  faults(): StreamFaults;
  /** The exchange as a whole says nothing. */
  isFrozen(): boolean;
  ticker(symbol: string): Ticker | null;
  /** Called once. */
  onClosed(): void;
}

const BEAT_MS = 1000;

export function createSession(deps: SessionDeps): Session {
  const { exchange, clock, wire, entry } = deps;
  const openedAtMs = clock.monotonic();
  const messages = exchange.messages && createRateGate(exchange.messages, clock);
  const pings = createPings(deps);
  const output = createOutput(deps, () => isOpen);
  let isOpen = true;
  let beat: Timer | null = null;

  const close = (code: number | null) => {
    if (!isOpen) return;
    isOpen = false;
    beat?.cancel();
    entry.closed(code);
    deps.onClosed();
  };
  const end = (code: number) => {
    if (!isOpen) return;
    close(code);
    wire.close(code);
  };
  const isWelcome = (): boolean => {
    if (!isOpen) return false;
    if (!messages || messages.pass()) return true;
    end(POLICY);
    return false;
  };
  entry.opened();
  const conversation = exchange.converse(deps.address, { ...output, close: end });
  const onBeat = () => {
    beat = clock.after(BEAT_MS, onBeat);
    const code = endOf(deps, clock.monotonic() - openedAtMs, pings.isForsaken());
    if (code !== null) return end(code);
    pings.beat();
    conversation.tick();
  };

  beat = clock.after(BEAT_MS, onBeat);
  return {
    received(text) {
      if (!isOpen) return;
      entry.received();
      if (isWelcome()) conversation.received(text);
    },
    pinged: () => void isWelcome(),
    pong() {
      if (!isOpen) return;
      entry.pong();
      if (isWelcome()) pings.answered();
    },
    closed: () => close(null),
    end,
    shutDown() {
      const notice = exchange.shutdownNotice(deps.address, output.nowMs());
      if (notice !== null) output.say(notice);
      clock.after(BEAT_MS, () => end(GOING_AWAY));
    },
    inject(frame) {
      if (isOpen) wire.send(frame);
    },
  };
}

/** What a connection of this age is closed with, if it is to be closed. */
function endOf(deps: SessionDeps, ageMs: number, isForsaken: boolean): number | null {
  const { cutEveryMs, cutCode = ABNORMAL } = deps.faults();
  if (cutEveryMs !== undefined && ageMs >= cutEveryMs) return cutCode;
  if (deps.exchange.lifetimeMs !== null && ageMs >= deps.exchange.lifetimeMs) return GOING_AWAY;
  return isForsaken ? ABNORMAL : null;
}

function createPings({ exchange, clock, wire, faults, isFrozen }: SessionDeps) {
  const { pings } = exchange;
  let lastMs = clock.monotonic();
  let unansweredSinceMs: number | null = null;
  return {
    beat() {
      const nowMs = clock.monotonic();
      if (!pings || nowMs - lastMs < pings.everyMs) return;
      if (faults().noPings || isFrozen()) return;
      lastMs = nowMs;
      // Before the ping: the pong may be there before it returns.
      unansweredSinceMs ??= nowMs;
      wire.ping();
    },
    answered() {
      unansweredSinceMs = null;
    },
    isForsaken: () =>
      pings !== null &&
      unansweredSinceMs !== null &&
      clock.monotonic() - unansweredSinceMs >= pings.deadlineMs,
  };
}

/** What the conversation says, as well or as badly as the faults have it. */
function createOutput(deps: SessionDeps, isOpen: () => boolean): Omit<Line, 'close'> {
  const { clock, wire, faults, isFrozen } = deps;
  /** By symbol: prices that wait for the next one to overtake them. */
  const heldBack = new Map<string, string>();
  const say = (text: string) => {
    const { silent, malformed, delayMs } = faults();
    if (!isOpen() || silent || isFrozen()) return;
    const data = malformed ? text.slice(0, text.length / 2) : text;
    // At most a few frames a second for two minutes wait like this.
    if (delayMs) clock.after(delayMs, () => isOpen() && wire.send(data));
    else wire.send(data);
  };
  return {
    nowMs: () => clock.now() + (faults().skewMs ?? 0),
    ticker: (symbol) => (faults().unlisted?.includes(symbol) ? null : deps.ticker(symbol)),
    say,
    tell(symbol, text) {
      const { outOfOrder, repeat } = faults();
      const overtaken = heldBack.get(symbol);
      heldBack.delete(symbol);
      if (overtaken === undefined && outOfOrder) {
        heldBack.set(symbol, text);
        return;
      }
      say(text);
      if (repeat) say(text);
      if (overtaken !== undefined) say(overtaken);
    },
  };
}
