/** What a listener sees: one immutable value whose parts keep their identity while they do not change. */

import type { DashboardDocument } from '../contract/document.ts';
import type { Degraded } from '../contract/frames.ts';
import type { Position } from '../contract/position.ts';

/**
 * How the figures come in just now. Exactly one of:
 * - `connecting` the first attempt is under way; nothing was heard yet
 * - `live` a WebSocket has delivered a document and is being heard
 * - `reconnecting` the connection was lost; `attempt` of `max` is waiting or under way. The last attempt stands until
 *   the first poll is answered
 * - `polling` no WebSocket can be had; the server is asked every `intervalS` seconds and answers
 * - `offline` the server does not answer polls either; both ways are tried for ever
 */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'reconnecting'; readonly attempt: number; readonly max: number }
  | { readonly state: 'polling'; readonly intervalS: number }
  | { readonly state: 'offline' };

/**
 * The state of the client at one moment; never changed afterwards. A part that is equal to what it was before is the
 * same object as before: compare with `===`.
 */
export interface Snapshot {
  /** The newest document held; `null` before the first. A patch leaves the parts it does not touch the same objects. */
  readonly document: DashboardDocument | null;
  /** The position of `document`; `(0, 0)` before any term and before the first document. */
  readonly position: Position;
  readonly link: Link;
  /**
   * Milliseconds to add to the local wall clock to get the server's; `null` before the server said its time.
   * From `hello`, and while polling from the `Date` header (exact to the second).
   */
  readonly clockOffsetMs: number | null;
  /** Why the server is not at its best, as last said; empty when nothing is wrong or nothing was said. */
  readonly degraded: readonly Degraded[];
  /** The server's version, as last said; `null` before. A change means that a new page can be had. */
  readonly appVersion: string | null;
}

/** Is given the snapshot at once and after every change. */
export type Listener = (snapshot: Snapshot) => void;
