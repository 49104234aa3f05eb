/** For tests: bodies stuffed with as many values as fit, and what reading them costs beside parsing. */

/** Below the cap on a body, and as telling as a body at the cap is: what is judged is a ratio. */
const FLOOD_BYTES = 1024 * 1024;

/** Smallest values there are, and one that is a whole row of the sample's. */
const fillings = (row: unknown): readonly string[] => [
  ...['0', '{}', '[]', 'null', '""'],
  JSON.stringify(row),
];

/** A body's text and the fastest of a few parsings of it, ms. */
interface Flood {
  readonly text: string;
  readonly value: unknown;
  readonly parseMs: number;
}

/** The same value again and again, as an array and once as the values of an object. */
export const floods = (row: unknown): Flood[] =>
  [...fillings(row).map(listOf), recordOf('{}')].map(flood);

function listOf(filling: string): string {
  const count = Math.floor(FLOOD_BYTES / (filling.length + 1));
  return `[${`${filling},`.repeat(count - 1)}${filling}]`;
}

function recordOf(filling: string): string {
  // A key, its quotes, a colon and a comma.
  const count = Math.floor(FLOOD_BYTES / (filling.length + 12));
  return `{${Array.from({ length: count }, (_, n) => `"k${n}":${filling}`).join(',')}}`;
}

function flood(text: string): Flood {
  const value: unknown = JSON.parse(text);
  const parseMs = fastestMsOf(() => JSON.parse(text));
  return { text, value, parseMs };
}

/** How long `run` takes, ms: the faster of two, so that a pause of the machine's is not counted. */
export const fastestMsOf = (run: () => unknown): number => Math.min(msOf(run), msOf(run));

/** How long `run` takes, ms. */
export function msOf(run: () => unknown): number {
  const startMs = performance.now();
  run();
  return performance.now() - startMs;
}
