/** Which sites a browser may open a WebSocket from, and read figures from. */

/**
 * Whether a WebSocket may be opened by whoever sends this `Origin`. Without one it is not a browser. Several headers
 * arrive joined by commas, which no origin contains; `null` is any sandboxed frame of any site.
 * @param allowed the exact origins of other sites
 */
export function mayOpenSocket(
  origin: string | null,
  ownOrigin: string | null,
  allowed: ReadonlySet<string>,
): boolean {
  if (origin === null) return true;
  if (origin === '' || origin === 'null' || origin.includes(',')) return false;
  return allowed.has(origin) || origin === ownOrigin;
}

/** The CORS headers of an answer that listed sites may read; `{}` when no site is listed. */
export function corsHeaders(
  origin: string | null,
  allowed: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  if (origin === null || !allowed.has(origin)) return {};
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'ETag, Date, Retry-After',
  };
}
