/** A patch: the difference between two versions of the document. */

import type { DashboardDocument } from './document.ts';

/** A JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A partial document: objects merge by key; any other value, `null` included, replaces. Keys are never removed. */
export type Patch = { readonly [key: string]: Json };

/** A JSON object, not yet known any better. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether a JSON value is an object with keys. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The document after a patch. Neither argument is changed; parts that the patch does not touch stay the same
 * objects, so that a listener can compare by identity.
 */
export function applyPatch(document: DashboardDocument, patch: Patch): DashboardDocument {
  // The merge of a document and a partial document is a document: the one place where this is asserted.
  return merge(document as unknown as JsonObject, patch) as unknown as DashboardDocument;
}

function merge(base: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    // A key that would reach the prototype is not a key of any document.
    if (key === '__proto__') continue;
    const held = Object.hasOwn(base, key) ? base[key] : undefined;
    merged[key] = isJsonObject(held) && isJsonObject(value) ? merge(held, value) : value;
  }
  return merged;
}
