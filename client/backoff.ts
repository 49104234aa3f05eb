/** How long to wait before the WebSocket is tried again. Pure. */

import type { CLOSE } from '../contract/close-codes.ts';

/** A number in [0, 1), as `Math.random` gives it. */
export type Random = () => number;

// Four of the contract's codes, spelled out for the sake of the bundle; by their types they cannot differ from it.
const GOING_AWAY: (typeof CLOSE)['goingAway'] = 1001;
const SERVICE_RESTART: (typeof CLOSE)['serviceRestart'] = 1012;
const TRY_AGAIN_LATER: (typeof CLOSE)['tryAgainLater'] = 1013;
const POLICY_VIOLATION: (typeof CLOSE)['policyViolation'] = 1008;

/** Longest wait before the first attempt; it doubles with each one. */
export const BACKOFF_BASE_MS = 500;

/** The wait never grows beyond this. */
export const BACKOFF_CAP_MS = 8_000;

/** A server that goes away drops everybody at the same moment: they come back spread over this long. */
export const GOING_AWAY_SPREAD_MS = 2_000;

/** How long attempts stay frequent while polling: most outages are over by then. */
export const EAGER_FOR_MS = 120_000;

/**
 * Milliseconds before reconnect attempt `attempt` (from 1): full jitter, so that a crowd does not come back as one.
 * @param closeCode why the last connection ended; `null` when it was given up from this side
 */
export const reconnectDelayMs = (
  attempt: number,
  closeCode: number | null,
  random: Random,
): number =>
  random() *
  Math.max(
    Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1)),
    closeCode === GOING_AWAY || closeCode === SERVICE_RESTART ? GOING_AWAY_SPREAD_MS : 0,
  );

/**
 * Milliseconds between attempts while polling: 5 to 8 s at first, later 20 to 40 s, for ever.
 * @param pollingForMs how long the connection has been given up for
 */
export const tryDelayMs = (pollingForMs: number, random: Random): number =>
  pollingForMs < EAGER_FOR_MS ? 5_000 + random() * 3_000 : patientDelayMs(random);

/** Milliseconds between attempts that go on for ever, and that a client which was sent away stays away: 20 to 40 s. */
export const patientDelayMs = (random: Random): number => 20_000 + random() * 20_000;

/** Whether the server asked to be left alone for a while: it sheds load, or takes us for a nuisance. */
export const isSentAway = (closeCode: number | null): boolean =>
  closeCode === TRY_AGAIN_LATER || closeCode === POLICY_VIOLATION;
