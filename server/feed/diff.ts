/** The difference between two versions of the document. */

import type { DashboardDocument, Json, Patch } from '../../contract/index.ts';

type JsonObject = { readonly [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What turns `before` into `after` when it is applied; `null` when they are equal. Objects are compared by key,
 * everything else by value.
 * @throws when a key of `before` is missing from `after`: within a term keys are never removed
 */
export function diff(before: DashboardDocument, after: DashboardDocument): Patch | null {
  // Documents are JSON objects by construction; their interface has no index signature.
  return diffObjects(before as unknown as JsonObject, after as unknown as JsonObject);
}

function diffObjects(before: JsonObject, after: JsonObject): JsonObject | null {
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) throw new Error(`the document lost its key ${key}`);
  }
  const changed: [string, Json][] = [];
  for (const [key, value] of Object.entries(after)) {
    const held = Object.hasOwn(before, key) ? before[key] : undefined;
    const change = diffValues(held, value);
    if (change !== undefined) changed.push([key, change]);
  }
  return changed.length === 0 ? null : Object.fromEntries(changed);
}

/** The patch of one value; `undefined` when it is the same. */
function diffValues(held: Json | undefined, value: Json): Json | undefined {
  if (held === value) return undefined;
  if (isObject(held) && isObject(value)) return diffObjects(held, value) ?? undefined;
  if (Array.isArray(value) && JSON.stringify(held) === JSON.stringify(value)) return undefined;
  return value;
}
