/** What travels over the WebSocket. All frames are text. */

import { type DashboardDocument, hasStaleFigures } from './document.ts';
import type { Patch } from './patch.ts';

/** The whole document. */
export interface UpdateFrame {
  readonly type: 'dashboard_update';
  readonly epoch: number;
  readonly seq: number;
  readonly data: DashboardDocument;
}

/** From version `seq − 1` to `seq` of the same epoch. */
export interface PatchFrame {
  readonly type: 'dashboard_patch';
  readonly epoch: number;
  readonly seq: number;
  readonly patch: Patch;
}

/** Why a node is not at its best. */
export const DEGRADED = ['redis_away', 'solo', 'figures_stale', 'store_in_memory'] as const;

/** See {@link DEGRADED}. */
export type Degraded = (typeof DEGRADED)[number];

/**
 * What a node says of itself, in `hello` and in `/readyz`: its own conditions, and whether a figure is stale now.
 * @param conditions what the broker knows; `figures_stale` in it is ignored, it is judged here
 * @param nowMs the time to judge at, ms since 1970
 * @returns in the order of {@link DEGRADED}, each at most once
 */
export const judgeDegraded = (
  conditions: readonly Degraded[],
  document: DashboardDocument,
  nowMs: number,
): readonly Degraded[] =>
  DEGRADED.filter((condition) =>
    condition === 'figures_stale'
      ? hasStaleFigures(document, nowMs)
      : conditions.includes(condition),
  );

/** After the first document, and whenever `degraded` changes. */
export interface HelloFrame {
  readonly type: 'hello';
  /** The server's clock, ISO 8601 UTC with milliseconds; the client corrects its own by it. */
  readonly server_time: string;
  /** Of the package, then `+` and a hash of the page's files; a page of another version offers to load anew. */
  readonly app_version: string;
  /** Seconds between polls when the WebSocket cannot be had. */
  readonly poll_interval_s: number;
  readonly degraded: readonly Degraded[];
}

/** Every JSON frame the server sends. */
export type ServerFrame = UpdateFrame | PatchFrame | HelloFrame;

/** Client → server, plain text: answer me with {@link PONG}. */
export const PING = 'ping';
/** Server → client, plain text. */
export const PONG = 'pong';
/** Client → server, plain text: send me the whole document. */
export const SYNC = 'sync';
