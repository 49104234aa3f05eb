/** From the text of a WebSocket frame to a frame of the protocol: the checked edge. */

import type { ServerFrame } from '../contract/frames.ts';
import { isJsonObject, type JsonObject } from '../contract/patch.ts';

/** The document is about 3 kB; what is hundreds of times larger is something else. Characters. */
export const MAX_JSON_LENGTH = 1024 * 1024;

/** The value in a text; `null` when it is not JSON, or longer than {@link MAX_JSON_LENGTH}. */
export function readJson(text: string): unknown {
  try {
    return text.length > MAX_JSON_LENGTH ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * The frame in a message; `null` for everything else (`pong`, binary, unreadable or unknown), which is ignored without
 * harm. That a document's figures are right is the server's promise; what would break the client is checked.
 */
export function readFrame(data: unknown): ServerFrame | null {
  const frame = readJson(typeof data === 'string' ? data : '');
  return isJsonObject(frame) && isKnown(frame) ? (frame as unknown as ServerFrame) : null;
}

const isKnown = ({ type, epoch, seq, data, patch, degraded }: JsonObject): boolean =>
  type === 'hello'
    ? Array.isArray(degraded)
    : Number.isSafeInteger(epoch) &&
      Number.isSafeInteger(seq) &&
      ((type === 'dashboard_update' && isJsonObject(data)) ||
        (type === 'dashboard_patch' && isJsonObject(patch)));
