/** What goes wrong with Redis, in words that may be logged. */

/**
 * The words of an error and nothing else: the library hangs the command on it, with the document or the password in
 * its arguments. `null` when there are none that say anything.
 */
export function reasonOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // No node of a Cluster answered; the last one says why.
  if ('lastNodeError' in error) {
    return reasonOf(error.lastNodeError) ?? withoutArguments(error.message);
  }
  // What each Sentinel said was told before.
  if (error.message.startsWith('All sentinels are unreachable')) return null;
  return withoutArguments(error.message);
}

/** Redis quotes what it was sent with a command that it does not know, a password with AUTH for one. */
const withoutArguments = (message: string): string =>
  message.replace(/,? with args beginning with.*/is, '').slice(0, MAX_REASON_LENGTH);

/** Whatever is longer quotes what was sent. */
const MAX_REASON_LENGTH = 300;

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
