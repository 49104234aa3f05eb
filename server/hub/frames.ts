/** Frames as they are written on the wire, each encoded once whatever the number of sockets. */

import type { Degraded, HelloFrame, PatchFrame } from '../../contract/index.ts';
import type { Version } from '../broker/broker.ts';

/**
 * Writes `dashboard_update` frames and keeps the last one: a thousand sockets that open between two versions share
 * one string. The leader's JSON is spliced in as it is, so that every node sends the same bytes.
 */
export function createWholeFrames(): (version: Version) => string {
  let last: { version: Version; frame: string } | null = null;
  return (version) => {
    if (last?.version !== version) {
      const { epoch, seq, json } = version;
      const frame = `{"type":"dashboard_update","epoch":${epoch},"seq":${seq},"data":${json}}`;
      last = { version, frame };
    }
    return last.frame;
  };
}

/** The `dashboard_patch` frame that leads to a version; `null` when sockets need the whole document. */
export function patchFrame(version: Version, consecutive: boolean): string | null {
  const { epoch, seq, patch, whole } = version;
  if (whole || patch === null || !consecutive) return null;
  return JSON.stringify({ type: 'dashboard_patch', epoch, seq, patch } satisfies PatchFrame);
}

/** What a `hello` says besides the time and the node's condition. */
export interface HelloConstants {
  readonly appVersion: string;
  /** Seconds. */
  readonly pollIntervalS: number;
}

/** The `hello` frame of this moment. */
export const helloFrame = (
  constants: HelloConstants,
  nowMs: number,
  degraded: readonly Degraded[],
): string =>
  JSON.stringify({
    type: 'hello',
    server_time: new Date(nowMs).toISOString(),
    app_version: constants.appVersion,
    poll_interval_s: constants.pollIntervalS,
    degraded,
  } satisfies HelloFrame);
