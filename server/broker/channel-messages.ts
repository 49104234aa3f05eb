/** What the nodes tell each other on the channel: checked, because a rolling update has two versions at once. */

import * as v from 'valibot';
import {
  isJsonObject,
  isNoPosition,
  isPlausible,
  type Patch,
  type Position,
} from '../../contract/index.ts';
import type { NewVersion, RoundOutcome } from './broker.ts';
import { parseJson } from './parse-json.ts';
import { MAX_DOCUMENT_LENGTH } from './read-document.ts';

/** A version, with the document in its own bytes. */
export interface VersionMessage extends Position {
  readonly type: 'version';
  readonly patch: Patch | null;
  readonly whole: boolean;
  readonly json: string;
}

/** One message. */
export type ChannelMessage =
  | VersionMessage
  | ({ readonly type: 'heartbeat'; readonly nodes: number } & Position)
  | { readonly type: 'lease_free' }
  | { readonly type: 'refresh_wanted' }
  | ({ readonly type: 'round_ended'; readonly outcome: RoundOutcome } & Position);

/** A patch and its document are sent together, and either may be as long as a document. */
const MAX_MESSAGE_LENGTH = 2 * MAX_DOCUMENT_LENGTH;

/** Most nodes that a heartbeat names: as many as anybody will start, few enough that none waits for weeks for its turn. */
export const MAX_NODES = 1000;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const position = { epoch: count, seq: count };
/** An array is an object to the checker, and neither a document nor a patch to anybody. */
const jsonObject = v.custom<Patch>(isJsonObject, 'no JSON object');

/** Keys beyond these are a later version's and are left out. */
const MESSAGE = v.variant('type', [
  v.object({
    type: v.literal('version'),
    ...position,
    patch: v.nullable(jsonObject),
    whole: v.boolean(),
    document: jsonObject,
  }),
  v.object({
    type: v.literal('heartbeat'),
    ...position,
    nodes: v.pipe(count, v.maxValue(MAX_NODES)),
  }),
  v.object({ type: v.literal('lease_free') }),
  v.object({ type: v.literal('refresh_wanted') }),
  v.object({
    type: v.literal('round_ended'),
    ...position,
    outcome: v.picklist(['changed', 'unchanged', 'failed']),
  }),
]);

/**
 * The message of a version.
 * @param json the document's, spliced in as it is
 */
export function versionMessage({ epoch, seq, patch, whole }: NewVersion, json: string): string {
  const head = JSON.stringify({ type: 'version', epoch, seq, patch, whole });
  return `${head.slice(0, -1)},"document":${json}}`;
}

/** The message of anything but a version. */
export const plainMessage = (message: Exclude<ChannelMessage, VersionMessage>): string =>
  JSON.stringify(message);

/**
 * The message in `text`; `null` when it cannot be read, is of a kind this version does not know, or names a position
 * that no node can have published.
 * @param nowMs this node's wall clock
 */
export function readMessage(text: string, nowMs: number): ChannelMessage | null {
  if (text.length > MAX_MESSAGE_LENGTH) return null;
  const parsed = v.safeParse(MESSAGE, parseJson(text), { abortEarly: true });
  if (!parsed.success) return null;
  const message = parsed.output;
  if (message.type !== 'version') {
    return 'epoch' in message && !isKnown(message, nowMs) ? null : message;
  }
  if (!isPlausible(message, nowMs)) return null;
  const { document, patch, ...version } = message;
  return {
    ...version,
    // Sockets are given patches as they are: one that says something else than the document is none.
    patch: patch !== null && isLedTo(document, patch) ? patch : null,
    // What JSON.stringify wrote and JSON.parse read, JSON.stringify writes again byte by byte, unknown keys and all.
    json: JSON.stringify(document),
  };
}

/** A leader that holds nothing yet says so. */
const isKnown = (at: Position, nowMs: number): boolean =>
  isNoPosition(at) || isPlausible(at, nowMs);

/** Whether a document may be what a patch leads to: it holds everything that the patch says. */
const isLedTo = (document: unknown, patch: unknown): boolean =>
  isJsonObject(document) && isJsonObject(patch)
    ? Object.entries(patch).every(
        ([key, value]) => Object.hasOwn(document, key) && isLedTo(document[key], value),
      )
    : JSON.stringify(document) === JSON.stringify(patch);
