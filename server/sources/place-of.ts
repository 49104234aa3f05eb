/**
 * Where an error was thrown, for the log: the stack without the message, which may hold an upstream's text. A mistake in
 * the reading of an upstream is found by it.
 */
export function placeOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '));
}
