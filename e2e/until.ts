/** Waits for something to become true, and says what was there instead when it does not. */

/** Long for anything on loopback; short enough for a test to fail by itself. */
const WITHIN_MS = 10_000;
/** Between two looks: far below any deadline of the product. */
const LOOK_EVERY_MS = 25;

/**
 * Looks until `holds` says yes to what `read` gives.
 * @returns what it said yes to
 * @throws Error with what was there at last when it did not come true in time
 */
export async function until<T>(
  read: () => T | Promise<T>,
  holds: (value: T) => boolean,
  withinMs = WITHIN_MS,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > deadline) {
      throw new Error(`not in ${withinMs} ms; last: ${JSON.stringify(value)?.slice(0, 600)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
