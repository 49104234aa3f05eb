/**
 * The words of the protocol that this client speaks, spelled out so that the bundle carries these and not whole tables.
 * Each has the literal type of its original: where the contract says otherwise, this file does not compile.
 */

import type * as frames from '../contract/frames.ts';
import type { PATHS } from '../contract/paths.ts';

type Paths = typeof PATHS;

/** Are you there? */
export const PING: typeof frames.PING = 'ping';
/** Send me the whole document. */
export const SYNC: typeof frames.SYNC = 'sync';

/** The WebSocket. */
export const SOCKET_PATH: Paths['socket'] = '/ws';
/** The document, for polling. */
export const SUMMARY_PATH: Paths['summary'] = '/api/crypto/dashboard-summary';
/** A fresh round. */
export const REFRESH_PATH: Paths['refresh'] = '/api/crypto/dashboard-summary/refresh';
