/** JSON from elsewhere, as far as it can be walked through. */

/** Levels of lists and objects that are read; ours have five. Far deeper ones end whoever walks them by recursion. */
const MAX_DEPTH = 32;

/** The value in `text`; `null` when it is no JSON, or nested deeper than anything of ours. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isWithin(value, MAX_DEPTH) ? value : null;
  } catch {
    return null;
  }
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isWithin(inner, levels - 1));
}
