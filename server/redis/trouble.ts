/** What goes wrong with Redis, in words that may be logged. */

/**
 * The words of an error and nothing else: the library hangs the command on it, with the document or the password in
 * its arguments. `null` when there are none that say anything.
 */
export function reasonOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // No node of a Cluster answered; the last one says why.
  if ('lastNodeError' in error) return reasonOf(error.lastNodeError) ?? error.message;
  // What each Sentinel said was told before.
  if (error.message.startsWith('All sentinels are unreachable')) return null;
  return error.message;
}

/** Whether the database that was asked for is not there, or not ours to choose. */
export const isAboutDatabase = (error: unknown): boolean => {
  if (!(error instanceof Error && 'command' in error)) return false;
  const { command } = error;
  return (
    typeof command === 'object' &&
    command !== null &&
    'name' in command &&
    command.name === 'select'
  );
};
