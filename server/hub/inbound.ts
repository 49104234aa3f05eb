/** What a client may say, how often, and what follows from it. */

import { CLOSE, type CloseCode, PING, SYNC } from '../../contract/index.ts';

/** Largest message a client may send; the protocol's own are four bytes long. */
export const MAX_MESSAGE_BYTES = 4 * 1024;
/** A client may wake up with a handful of messages at once … */
export const BURST_MESSAGES = 10;
/** … and then needs one `ping` in 20 s and one `sync` in 2 s at most. */
export const MESSAGES_PER_SECOND = 2;
/** The unknown message that ends the connection: a few may come from a newer client, more are not our protocol. */
export const MAX_UNKNOWN_MESSAGES = 10;

/** What is kept of a socket to judge its messages. */
export interface InboundState {
  /** Messages it may still send now; at most {@link BURST_MESSAGES}. */
  tokens: number;
  /** When `tokens` was right, on the monotonic clock. */
  tokensAtMs: number;
  unknownMessages: number;
}

/** What to do with a message. */
export type Verdict =
  | { readonly kind: 'ping' | 'sync' | 'nothing' }
  | { readonly kind: 'close'; readonly code: CloseCode; readonly reason: string };

const close = (code: CloseCode, reason: string): Verdict => ({ kind: 'close', code, reason });
const TOO_MANY = close(CLOSE.policyViolation, 'too many messages');
const UNKNOWN = close(CLOSE.policyViolation, 'unknown messages');
const BINARY = close(CLOSE.unsupportedData, 'text only');
const ANSWER_PING: Verdict = { kind: 'ping' };
const ANSWER_SYNC: Verdict = { kind: 'sync' };
const NOTHING: Verdict = { kind: 'nothing' };

/** The state of a socket that has said nothing yet. */
export const newInboundState = (nowMs: number): InboundState => ({
  tokens: BURST_MESSAGES,
  tokensAtMs: nowMs,
  unknownMessages: 0,
});

/**
 * Judges a message and takes it off the socket's allowance.
 * @param message a binary message is anything but a string
 * @param nowMs on the monotonic clock
 */
export function judgeMessage(state: InboundState, message: unknown, nowMs: number): Verdict {
  if (!takeToken(state, nowMs)) return TOO_MANY;
  if (typeof message !== 'string') return BINARY;
  if (message === PING) return ANSWER_PING;
  if (message === SYNC) return ANSWER_SYNC;
  state.unknownMessages++;
  return state.unknownMessages >= MAX_UNKNOWN_MESSAGES ? UNKNOWN : NOTHING;
}

/** Judges a ping or pong of the WebSocket protocol: the runtime has answered it, it only counts. */
export const judgeControlFrame = (state: InboundState, nowMs: number): Verdict =>
  takeToken(state, nowMs) ? NOTHING : TOO_MANY;

function takeToken(state: InboundState, nowMs: number): boolean {
  const refill = ((nowMs - state.tokensAtMs) / 1000) * MESSAGES_PER_SECOND;
  state.tokens = Math.min(BURST_MESSAGES, state.tokens + refill);
  state.tokensAtMs = nowMs;
  if (state.tokens < 1) return false;
  state.tokens--;
  return true;
}
